import { OperatorError } from '../domain/job-errors.ts';
import { withDeadline } from '../runtime/deadline.ts';

/** What a service of identities gives for a while. */
export interface Expiring<T> {
  readonly value: T;
  /** Milliseconds since 1970. */
  readonly expiresAtMs: number;
}

export interface RenewalOptions<T> {
  /** What is fetched, for error messages. */
  readonly what: string;
  readonly fetch: (signal: AbortSignal) => Promise<Expiring<T>>;
  /** The error for those who ask. */
  readonly toError: (thrown: unknown) => Error;
  readonly now?: () => number;
}

/** A credential is renewed in the background so long before it ends; tokens last for an hour or a day, keys for 15 minutes and more. */
const RENEW_AHEAD_MS = 5 * 60_000;
/** Not used any more: a request takes its time, and clocks differ. */
const LEAST_LEFT_MS = 30_000;
const DEADLINE_MS = 60_000;
const RENEW_PAUSE_MS = 30_000;

/** A token, or keys, for a limited time: fetched once for all who ask at a time, and renewed before it ends. */
export class RenewedCredential<T> {
  readonly #options: RenewalOptions<T>;
  readonly #now: () => number;
  #known: Expiring<T> | undefined;
  #fetching: Promise<T> | undefined;
  #renewAt = 0;

  constructor(options: RenewalOptions<T>) {
    this.#options = options;
    this.#now = options.now ?? (() => Date.now());
  }

  /** @throws what `toError` makes of the failure when there is none that is good. */
  async get(): Promise<T> {
    const known = this.#known;
    const leftMs = (known?.expiresAtMs ?? 0) - this.#now();
    if (known === undefined || leftMs < LEAST_LEFT_MS) return await this.#renew();
    if (leftMs < RENEW_AHEAD_MS && this.#now() >= this.#renewAt) {
      this.#renewAt = this.#now() + RENEW_PAUSE_MS;
      // The old one is still good; who meets its end meets the error too.
      this.#renew().catch(() => undefined);
    }
    return known.value;
  }

  /** The service refused it: the next request fetches another. */
  forget(): void {
    this.#known = undefined;
  }

  #renew(): Promise<T> {
    const { fetch, what, toError } = this.#options;
    this.#fetching ??= withDeadline(({ signal }) => fetch(signal), { deadlineMs: DEADLINE_MS, what })
      .then((fetched) => {
        this.#known = fetched;
        return fetched.value;
      })
      .catch((error: unknown) => {
        throw toError(error);
      })
      .finally(() => {
        this.#fetching = undefined;
      });
    return this.#fetching;
  }
}

/** Waits for the answer to a request that was signed with a credential, which may be taken back before it ends. */
export async function orForget<T>(credential: { forget(): void }, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof OperatorError && error.errorClass === 'credentials') credential.forget();
    throw error;
  }
}
