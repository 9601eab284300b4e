import { OperatorError, toError } from '../domain/job-errors.ts';
import { withDeadline } from '../runtime/deadline.ts';
import { UnavailableError, withoutSecrets } from './storage-errors.ts';

/** As `@azure/identity` gives it. */
export interface AccessToken {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly expiresOnTimestamp: number;
}

/** Fetches a new token. */
export type FetchToken = (signal: AbortSignal) => Promise<AccessToken>;

/** For every account of Azure Storage. */
const SCOPE = 'https://storage.azure.com/.default';
/** A token is renewed in the background so long before it ends; tokens of managed identities last for a day, others an hour. */
const RENEW_AHEAD_MS = 5 * 60_000;
/** Not used any more: a request takes its time, and clocks differ. */
const LEAST_LEFT_MS = 30_000;
const DEADLINE_MS = 60_000;
const RENEW_PAUSE_MS = 30_000;
const MAX_MESSAGE_CHARACTERS = 400;

/** The token of an identity: fetched once for all who ask at a time, and renewed before it ends. */
export class AzureToken {
  readonly #fetch: FetchToken;
  readonly #now: () => number;
  #known: AccessToken | undefined;
  #fetching: Promise<string> | undefined;
  #renewAt = 0;

  constructor(fetch: FetchToken, now: () => number = () => Date.now()) {
    this.#fetch = fetch;
    this.#now = now;
  }

  /** @throws OperatorError `credentials` when the identity gets no token; UnavailableError when its server is away. */
  async get(): Promise<string> {
    const known = this.#known;
    const leftMs = (known?.expiresOnTimestamp ?? 0) - this.#now();
    if (known === undefined || leftMs < LEAST_LEFT_MS) return await this.#renew();
    if (leftMs < RENEW_AHEAD_MS && this.#now() >= this.#renewAt) {
      this.#renewAt = this.#now() + RENEW_PAUSE_MS;
      // The old one is still good; who meets its end meets the error too.
      this.#renew().catch(() => undefined);
    }
    return known.token;
  }

  /** The service refused it: the next request fetches another. */
  forget(): void {
    this.#known = undefined;
  }

  #renew(): Promise<string> {
    this.#fetching ??= withDeadline(({ signal }) => this.#fetch(signal), {
      deadlineMs: DEADLINE_MS,
      what: 'fetching an access token for Azure',
    })
      .then((fetched) => {
        this.#known = fetched;
        return fetched.token;
      })
      .catch((error: unknown) => {
        throw tokenError(error);
      })
      .finally(() => {
        this.#fetching = undefined;
      });
    return this.#fetching;
  }
}

/** The identity of this machine or of the variables `AZURE_…` of `@azure/identity`, which is loaded for the first token. */
export function createIdentityToken(): AzureToken {
  const credential = import('@azure/identity').then(
    ({ DefaultAzureCredential }) => new DefaultAzureCredential(),
  );
  // The first request meets the error.
  credential.catch(() => undefined);
  return new AzureToken(async (abortSignal) => (await credential).getToken(SCOPE, { abortSignal }));
}

function tokenError(thrown: unknown): Error {
  const cause = toError(thrown);
  const status = 'statusCode' in cause && typeof cause.statusCode === 'number' ? cause.statusCode : 0;
  const reason = withoutSecrets(cause.message).replace(/\s+/g, ' ').slice(0, MAX_MESSAGE_CHARACTERS);
  const message = `There is no access token for Azure: ${reason}`;
  if (status === 429 || status >= 500) return new UnavailableError('server_error', message, { cause });
  return new OperatorError('credentials', message, { cause });
}
