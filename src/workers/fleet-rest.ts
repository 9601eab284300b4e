import type { Redis } from 'ioredis';

/** How long the fleet rests: the first time, and at most. */
export interface RestLimits {
  readonly minRestMs: number;
  readonly maxRestMs: number;
}

/**
 * The pause of all workers after the site limited the shared address. The state is in Redis, so the whole fleet
 * sees it: of several workers that are refused at once, one sets the rest and the others join it; each further
 * rest doubles until a success resets it.
 */
export class FleetRest {
  readonly #redis: Redis;
  readonly #restKey: string;
  readonly #levelKey: string;
  readonly #limits: RestLimits;

  constructor(redis: Redis, prefix: string, limits: RestLimits) {
    this.#redis = redis;
    this.#restKey = `${prefix}:rest:until`;
    this.#levelKey = `${prefix}:rest:level`;
    this.#limits = limits;
  }

  /** Begins a rest, or joins the one under way. @returns how long from now, in milliseconds. */
  async begin(atLeastMs = 0): Promise<number> {
    const level = Number((await this.#redis.get(this.#levelKey)) ?? 0);
    const escalatedMs = this.#limits.minRestMs * 2 ** Math.min(level, 20);
    const restMs = Math.max(Math.min(escalatedMs, this.#limits.maxRestMs), atLeastMs);
    const isFirst = (await this.#redis.set(this.#restKey, Date.now() + restMs, 'PX', restMs, 'NX')) === 'OK';
    if (!isFirst) {
      const remainingMs = await this.#redis.pttl(this.#restKey);
      return Math.max(remainingMs, 1);
    }
    await this.#redis.incr(this.#levelKey);
    // Without a success for that long nothing is known any more: the next rest starts small again.
    await this.#redis.pexpire(this.#levelKey, this.#limits.maxRestMs * 4);
    return restMs;
  }

  /** A request went through: the next rest is a short one again. */
  async reset(): Promise<void> {
    await this.#redis.del(this.#levelKey);
  }
}
