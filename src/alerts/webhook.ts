import { pause, withDeadline } from '../runtime/deadline.ts';
import { InterruptedError, toError, TransientError, type JobError } from '../domain/job-errors.ts';

/** A message for a webhook. */
export interface WebhookMessage {
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** How a message is delivered. */
export interface WebhookOptions {
  readonly signal: AbortSignal;
  /** For one try, in milliseconds. */
  readonly deadlineMs?: number;
  /** The pause before the second try; it doubles with each. */
  readonly pauseMs?: number;
}

const DEADLINE_MS = 10_000;
const TRIES = 3;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Posts a message to a webhook. What may pass is tried three times: no answer, 408, 429, 5xx. Redirects are not
 * followed. The address may hold a token and is in no error.
 * @throws TransientError when it was not delivered.
 */
export async function postToWebhook(
  address: string,
  message: WebhookMessage,
  options: WebhookOptions,
): Promise<void> {
  const pauseMs = options.pauseMs ?? FIRST_PAUSE_MS;
  for (let tries = 1; ; tries += 1) {
    const refusal = await post(address, message, options);
    if (refusal === undefined) return;
    if (tries >= TRIES || !refusal.isWorthAnother) throw refusal.error;
    const waitMs = Math.max(refusal.retryAfterMs, pauseMs * 2 ** (tries - 1));
    await pause(Math.min(waitMs, LONGEST_PAUSE_MS), options.signal);
  }
}

interface Refusal {
  readonly error: JobError;
  readonly isWorthAnother: boolean;
  readonly retryAfterMs: number;
}

async function post(
  address: string,
  message: WebhookMessage,
  { signal, deadlineMs = DEADLINE_MS }: WebhookOptions,
): Promise<Refusal | undefined> {
  const { url, authorization } = withoutLogin(address);
  try {
    const response = await withDeadline(
      async (watchdog) => {
        const answer = await fetch(url, {
          method: 'POST',
          body: message.body,
          headers: { 'content-type': message.contentType, ...authorization, ...message.headers },
          redirect: 'manual',
          signal: watchdog.signal,
        });
        // Nobody reads it; left alone it would hold the connection.
        await answer.body?.cancel();
        return answer;
      },
      { signal, deadlineMs, what: 'Posting to the webhook' },
    );
    if (response.ok) return undefined;
    const { status } = response;
    return {
      error: new TransientError('server_error', `The webhook answered with status ${String(status)}.`),
      isWorthAnother: status === 408 || status === 429 || status >= 500,
      retryAfterMs: Number(response.headers.get('retry-after') ?? 0) * 1000 || 0,
    };
  } catch (thrown) {
    if (thrown instanceof InterruptedError) throw thrown;
    const error =
      thrown instanceof TransientError
        ? thrown
        : new TransientError('network', `The webhook cannot be reached (${codeOf(thrown)}).`);
    return { error, isWorthAnother: true, retryAfterMs: 0 };
  }
}

/** `fetch` refuses addresses with a login in them. */
function withoutLogin(address: string): { url: URL; authorization: Record<string, string> } {
  const url = new URL(address);
  if (url.username === '' && url.password === '') return { url, authorization: {} };
  const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = '';
  url.password = '';
  return { url, authorization: { authorization: `Basic ${Buffer.from(login).toString('base64')}` } };
}

/** The code of a failed connection, such as ECONNREFUSED; fetch keeps it in the cause. Messages may hold the address. */
function codeOf(thrown: unknown): string {
  const cause: unknown = toError(thrown).cause;
  return typeof cause === 'object' && cause !== null && 'code' in cause
    ? String(cause.code)
    : 'no reason given';
}
