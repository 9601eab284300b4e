import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { EgressConfig } from '../config/config.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import { redisFailure } from '../queues/redis-failure.ts';
import { ACQUIRE, READ, REDIS_CLOCK, RENEW, REPORT } from './egress-scripts.ts';

/** What a start is for. */
export type EgressUse = 'download' | 'listing';

/** What the end of a start says about how the site treats the identity. */
export type EgressResult =
  | { readonly kind: 'answered' | 'nothing' }
  | { readonly kind: 'refused'; readonly reason: string; readonly restAtLeastMs: number };

/** A start that may be made now, through one identity. */
export interface EgressGrant {
  readonly address: string;
  readonly use: EgressUse;
  readonly token: string;
  /** How often the circuit had been opened when this was granted. */
  readonly epoch: number;
  /** The circuit is half-open and this start alone tests it. */
  readonly isProbe: boolean;
  /** The first probe since the circuit was opened. */
  readonly isFirstProbe: boolean;
}

/** What a verdict changed. */
export interface EgressChange {
  readonly change: 'none' | 'opened' | 'prolonged' | 'closed';
  /** How long the identity rests after `opened` and `prolonged`. */
  readonly restMs: number;
}

const refusalSchema = z.object({ granted: z.literal(false), waitMs: z.number() });
const grantSchema = z.object({
  granted: z.literal(true),
  identity: z.string(),
  epoch: z.number(),
  isProbe: z.boolean(),
  isFirstProbe: z.boolean(),
});
const acquiredSchema = z.discriminatedUnion('granted', [refusalSchema, grantSchema]);
const changeSchema = z.object({
  change: z.enum(['none', 'opened', 'prolonged', 'closed']),
  restMs: z.number(),
});
const stateSchema = z.object({
  name: z.string(),
  /** `half-open`: the rest is over and one probe is, or will be, under way. */
  circuit: z.enum(['closed', 'open', 'half-open']),
  /** How much of the rest is left. */
  restMs: z.number(),
  /** How long ago the circuit was opened. */
  openForMs: z.number(),
  /** The error class that opened the circuit; empty while it is closed. */
  reason: z.string(),
  /** Openings since the last success. */
  level: z.number(),
  /** 0: no limit. */
  budgetPerHour: z.number(),
  usedLastHour: z.number(),
  /** 0: a start would be granted now. */
  nextStartInMs: z.number(),
});
const statesSchema = z.array(stateSchema);

/** The state of one identity. */
export type EgressState = Readonly<z.output<typeof stateSchema>>;

/** An identity that nobody used for so long is forgotten. */
const RETENTION_MS = 7 * 24 * 3_600_000;

/**
 * The budgets and circuits of all egress identities, in Redis, shared by all workers on all hosts. The rules stand
 * with the scripts. All methods throw an OperatorError when Redis does not answer.
 */
export class EgressLedger {
  readonly #redis: Redis;
  readonly #base: string;
  readonly #clock: string;

  /** Where it is announced that a start may be granted sooner than was thought. */
  readonly channel: string;

  /** @param clock Lua source of the function `clock`; tests have one that they can set. */
  constructor(redis: Redis, prefix: string, clock = REDIS_CLOCK) {
    this.#redis = redis;
    this.#base = `${prefix}:egress`;
    this.channel = `${this.#base}:changes`;
    this.#clock = clock;
  }

  /**
   * Asks for a start through one of these identities.
   * @param random a number of 0 to 1, for the spacing.
   * @returns the grant, or how long to wait before asking again is of use, in milliseconds.
   */
  async acquire(
    identities: EgressConfig['addresses'],
    use: EgressUse,
    leaseMs: number,
    random = Math.random(),
  ): Promise<EgressGrant | { readonly waitMs: number }> {
    const token = randomUUID();
    const wanted = identities.map(({ name, budgetPerHour, spacingMs }) => ({
      name,
      budget: budgetPerHour,
      spacingMs,
    }));
    const answer = await this.#run(ACQUIRE, JSON.stringify(wanted), token, random, leaseMs);
    const acquired = acquiredSchema.parse(parsed(answer));
    if (!acquired.granted) return { waitMs: Math.max(Math.ceil(acquired.waitMs), 1) };
    const { identity, epoch, isProbe, isFirstProbe } = acquired;
    return { address: identity, use, token, epoch, isProbe, isFirstProbe };
  }

  /** Tells how a start went. Safe to repeat; a probe is one no longer, whatever the verdict. */
  async report(
    grant: EgressGrant,
    verdict: EgressResult,
    limits: Pick<EgressConfig, 'minRestMs' | 'maxRestMs'>,
  ): Promise<EgressChange> {
    const isRefusal = verdict.kind === 'refused';
    const answer = await this.#run(
      REPORT,
      grant.address,
      grant.token,
      grant.epoch,
      grant.use,
      verdict.kind,
      isRefusal ? verdict.reason : '',
      isRefusal ? verdict.restAtLeastMs : 0,
      limits.minRestMs,
      limits.maxRestMs,
    );
    return changeSchema.parse(parsed(answer));
  }

  /** Prolongs the lease of a probe. @returns false when it is the probe no longer. */
  async renew(grant: EgressGrant, leaseMs: number): Promise<boolean> {
    return (await this.#run(RENEW, grant.address, grant.token, leaseMs)) === 1;
  }

  /** The state of all identities in use, the least recently used first. */
  async read(): Promise<readonly EgressState[]> {
    return statesSchema.parse(parsed(await this.#run(READ)));
  }

  async #run(script: string, ...args: (string | number)[]): Promise<unknown> {
    try {
      return await this.#redis.eval(this.#clock + script, 1, this.#base, RETENTION_MS, ...args);
    } catch (error) {
      throw redisFailure('egress', error);
    }
  }
}

/** The ledger of the identities that the workers of these queues use. */
export function egressLedgerOf(queues: Pick<JobQueues, 'redis' | 'prefix'>): EgressLedger {
  return new EgressLedger(queues.redis, queues.prefix);
}

function parsed(answer: unknown): unknown {
  return JSON.parse(z.string().parse(answer));
}
