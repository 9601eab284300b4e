import { randomBytes } from 'node:crypto';
import { withDeadline } from '../../runtime/deadline.ts';
import { withRedisErrors } from '../../queues/redis-failure.ts';
import type { RedisConnection } from '../../queues/redis-connection.ts';

/** A page must not wait for longer than this for a Redis that is away. */
const DEADLINE_MS = 2_000;
const KEY_BYTES = 32;
/** Sessions and revocations that this process remembers for the time without Redis. */
const MAX_REMEMBERED = 1_000;

/** Whether a session was revoked, and the key that sessions are signed with. */
export interface SessionState {
  readonly key: Buffer;
  readonly isRevoked: boolean;
}

/**
 * What all dashboards of an installation must agree on, in Redis: the key that signs sessions, and which were revoked. When
 * Redis is emptied all sessions end. While it is away, those go on that this process knows, so that people see what is wrong.
 */
export class SessionStore {
  readonly #redis: RedisConnection;
  readonly #prefix: string;
  #key: Buffer | undefined;
  /** Sessions that were good, the latest last. */
  readonly #good = new Set<string>();
  /** Revoked by this process, with the time in ms until when that must be known. */
  readonly #revoked = new Map<string, number>();
  /** Those of them that Redis has not been told of. */
  readonly #unsent = new Set<string>();

  constructor(redis: RedisConnection, prefix: string) {
    this.#redis = redis;
    this.#prefix = `${prefix}:dashboard`;
  }

  /** @throws OperatorError when Redis does not answer and this process has not seen the session before. */
  async stateOf(id: string): Promise<SessionState> {
    try {
      const [key, revoked] = await this.#ask(() =>
        this.#redis.mgetBuffer(this.#keyName, this.#revocationOf(id)),
      );
      this.#key = isKey(key) ? key : await this.#makeKey();
      if (this.#unsent.size > 0) void this.#sendRevocations();
      return { key: this.#key, isRevoked: (revoked ?? null) !== null || this.#revoked.has(id) };
    } catch (error) {
      if (this.#key === undefined || !(this.#good.has(id) || this.#revoked.has(id))) throw error;
      return { key: this.#key, isRevoked: this.#revoked.has(id) };
    }
  }

  /** Remembers a session whose signature was right, for the time without Redis. */
  noteGood(id: string): void {
    this.#good.delete(id);
    this.#good.add(id);
    const [oldest] = this.#good;
    if (this.#good.size > MAX_REMEMBERED && oldest !== undefined) this.#good.delete(oldest);
  }

  /** The key for a new session. @throws OperatorError when Redis does not answer. */
  async signingKey(): Promise<Buffer> {
    const key = await this.#ask(() => this.#redis.getBuffer(this.#keyName));
    return (this.#key = isKey(key) ? key : await this.#makeKey());
  }

  /**
   * Ends a session for all dashboards. Here it has ended whatever happens.
   * @param endsAt in ms: when it would end by itself
   * @throws OperatorError when Redis does not answer: the others get to know of it when it does.
   */
  async revoke(id: string, endsAt: number): Promise<void> {
    this.#good.delete(id);
    for (const [other, until] of this.#revoked) {
      if (until >= Date.now() && this.#revoked.size < MAX_REMEMBERED) continue;
      this.#revoked.delete(other);
      this.#unsent.delete(other);
    }
    this.#revoked.set(id, endsAt);
    this.#unsent.add(id);
    await this.#send(id, endsAt);
  }

  async #send(id: string, endsAt: number): Promise<void> {
    const ttlMs = Math.max(1, Math.ceil(endsAt - Date.now()));
    await this.#ask(() => this.#redis.set(this.#revocationOf(id), '1', 'PX', ttlMs));
    this.#unsent.delete(id);
  }

  /** Never rejects: what cannot be sent now is sent the next time. */
  async #sendRevocations(): Promise<void> {
    const unsent = [...this.#unsent].map((id) => this.#send(id, this.#revoked.get(id) ?? 0));
    await Promise.allSettled(unsent);
  }

  /** Of several processes that make it at the same time, all get the same. */
  async #makeKey(): Promise<Buffer> {
    await this.#ask(() => this.#redis.set(this.#keyName, randomBytes(KEY_BYTES), 'NX'));
    const key = await this.#ask(() => this.#redis.getBuffer(this.#keyName));
    if (!isKey(key)) throw new Error('Redis does not keep the key of the sessions.');
    return key;
  }

  #ask<T>(command: () => Promise<T>): Promise<T> {
    return withRedisErrors('sessions of the dashboard', () =>
      withDeadline(command, { deadlineMs: DEADLINE_MS, what: 'Reading the session' }),
    );
  }

  get #keyName(): string {
    return `${this.#prefix}:session-key`;
  }

  #revocationOf(id: string): string {
    return `${this.#prefix}:revoked:${id}`;
  }
}

function isKey(value: Buffer | null | undefined): value is Buffer {
  return value?.length === KEY_BYTES;
}
