import { LaterError, TransientError, toJobError, type JobError } from '../domain/job-errors.ts';
import { createHttpClient } from '../runtime/http-client/create-http-client.ts';
import { retry } from '../runtime/retry.ts';

/** The content of one request. */
export interface WebhookMessage {
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface WebhookOptions {
  readonly signal: AbortSignal;
  /** For one try. */
  readonly deadlineMs?: number;
  /** The delay before the second try; it doubles with each. */
  readonly firstDelayMs?: number;
}

const MAX_DELAY_MS = 30_000;
const RETRIED: ReadonlySet<string> = new Set([
  'network',
  'timeout',
  'stall',
  'server_error',
  'source_limited',
]);

/**
 * Posts a message to a webhook, which may be in a private network. Network failures and the statuses 408, 429 and 5xx
 * are tried three times. Redirects are not followed. The address may contain a token, so no error shows it.
 * @throws TransientError when the message was not delivered; InterruptedError.
 */
export async function postToWebhook(
  address: string,
  message: WebhookMessage,
  { signal, deadlineMs = 10_000, firstDelayMs = 1_000 }: WebhookOptions,
): Promise<void> {
  const { url, login } = splitLogin(address);
  const http = createHttpClient({ timeoutMs: deadlineMs, stallMs: deadlineMs, allowPrivateAddresses: true });
  const post = async () => {
    const response = await http.fetch(url, {
      method: 'POST',
      body: message.body,
      headers: { 'content-type': message.contentType, ...message.headers },
      ...login,
      label: 'The webhook',
      redirects: 'none',
      maxBytes: Infinity,
      signal,
    });
    await response.discard();
  };
  try {
    await retry(post, {
      signal,
      maxTries: 3,
      firstDelayMs,
      maxDelayMs: MAX_DELAY_MS,
      isTemporary: (error) => RETRIED.has(toJobError(error).errorClass),
      minDelayMs: (error) => Math.min(MAX_DELAY_MS, retryAfterMsOf(toJobError(error))),
    });
  } catch (thrown) {
    const error = toJobError(thrown);
    if (error.outcome === 'interrupted') throw error;
    if (error.outcome === 'transient' && RETRIED.has(error.errorClass)) throw error;
    // The job that sends the message is tried again whatever the webhook answered.
    throw new TransientError('server_error', error.message);
  } finally {
    await http.close();
  }
}

function retryAfterMsOf(error: JobError): number {
  return error instanceof LaterError ? (error.availableAt?.getTime() ?? 0) - Date.now() : 0;
}

/** Moves a login from the address to the header Authorization: the HTTP client refuses addresses with a login. */
function splitLogin(address: string): { url: URL; login: { authorization?: string } } {
  const url = new URL(address);
  if (url.username === '' && url.password === '') return { url, login: {} };
  const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = '';
  url.password = '';
  return { url, login: { authorization: `Basic ${Buffer.from(login).toString('base64')}` } };
}
