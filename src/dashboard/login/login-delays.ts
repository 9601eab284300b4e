import { createHash } from 'node:crypto';

/** Mistakes that cost nothing. */
const FREE_FAILURES = 3;
const FIRST_DELAY_MS = 1_000;
/** After the fourth failure and each further one the delay doubles, up to this. */
export const MAX_DELAY_MS = 60_000;
/** Failures count no more when there was none for this long. */
const FORGOTTEN_AFTER_MS = 15 * 60_000;
const MAX_ENTRIES = 20_000;
/** Attempts with one name from one network that may wait for their turn. */
const MAX_WAITING = 50;

interface Entry {
  failures: number;
  lastFailureAt: number;
  /** No attempt is looked at before this time. */
  openAt: number;
}

export type AttemptOutcome =
  /** `delayMs`: how long the next attempt has to wait; 0 for none. */
  | { readonly kind: 'right' }
  | { readonly kind: 'wrong'; readonly delayMs: number }
  | { readonly kind: 'too_early'; readonly waitMs: number };

/**
 * Slows the guessing of passwords down: failed logins are counted for each name and network together, so that nobody is
 * held up by the mistakes of others. After some failures the next attempt has to wait, each time longer; it is looked at
 * when the time is over, whatever happened before. Attempts that come too early are not looked at and change nothing.
 * In the memory of this process: several dashboards count by themselves.
 */
export class LoginDelays {
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();
  /** The last of the attempts that run one after another, by key. */
  readonly #turns = new Map<string, { last: Promise<unknown>; waiting: number }>();

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /**
   * Looks at an attempt unless it comes too early. Attempts with the same name from the same network are looked at one after
   * another: a thousand sent at once gain nothing.
   */
  async attempt(name: string, network: string, isRight: () => Promise<boolean>): Promise<AttemptOutcome> {
    const key = createHash('sha256').update(`${network}\n${name}`).digest('base64url');
    const turn = this.#turns.get(key) ?? { last: Promise.resolve(), waiting: 0 };
    if (turn.waiting >= MAX_WAITING) return { kind: 'too_early', waitMs: FIRST_DELAY_MS };
    this.#turns.set(key, turn);
    turn.waiting += 1;
    const mine = turn.last.then(() => this.#look(key, isRight));
    turn.last = mine.catch(() => undefined);
    try {
      return await mine;
    } finally {
      turn.waiting -= 1;
      if (turn.waiting === 0) this.#turns.delete(key);
    }
  }

  async #look(key: string, isRight: () => Promise<boolean>): Promise<AttemptOutcome> {
    const entry = this.#entries.get(key);
    const waitMs = (entry?.openAt ?? 0) - this.#now();
    if (waitMs > 0) return { kind: 'too_early', waitMs };
    if (await isRight()) {
      this.#entries.delete(key);
      return { kind: 'right' };
    }
    return { kind: 'wrong', delayMs: this.#countFailure(key) };
  }

  #countFailure(key: string): number {
    const now = this.#now();
    const previous = this.#entries.get(key);
    const counts = previous !== undefined && now - previous.lastFailureAt < FORGOTTEN_AFTER_MS;
    const failures = (counts ? previous.failures : 0) + 1;
    const delayMs =
      failures < FREE_FAILURES ? 0 : Math.min(FIRST_DELAY_MS * 2 ** (failures - FREE_FAILURES), MAX_DELAY_MS);
    if (previous === undefined && this.#entries.size >= MAX_ENTRIES) this.#makeRoom(now);
    this.#entries.set(key, { failures, lastFailureAt: now, openAt: now + delayMs });
    return delayMs;
  }

  /** Forgets what is old, then those with the fewest failures: names made up in thousands push out no real guessing. */
  #makeRoom(now: number): void {
    for (const [key, { lastFailureAt }] of this.#entries)
      if (now - lastFailureAt >= FORGOTTEN_AFTER_MS) this.#entries.delete(key);
    const surplus = this.#entries.size - MAX_ENTRIES * 0.9;
    if (surplus <= 0) return;
    const fewestFirst = [...this.#entries].sort(([, one], [, other]) => one.failures - other.failures);
    for (const [key] of fewestFirst.slice(0, surplus)) this.#entries.delete(key);
  }
}
