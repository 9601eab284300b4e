import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { EgressConfig } from '../config/config.ts';
import type { QueueConnection } from '../queues/connections.ts';
import { withRedisErrors } from '../queues/redis-failure.ts';
import { ACQUIRE, END_REST, READ, REDIS_CLOCK, RENEW, REPORT } from './egress-scripts.ts';
import type { RedisConnection } from '../queues/redis-connection.ts';
import { runScript } from '../queues/redis-script.ts';

/** What a start is for. */
export type EgressUse = 'download' | 'listing';

/** What the end of a start says about how the site treats the egress address. */
export type StartOutcome =
  | { readonly kind: 'answered' | 'nothing' }
  /** By an error that many items have in an outage; alone it says nothing. */
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string; readonly restAtLeastMs: number };

/** A start that may be made now, through one egress address. */
export interface EgressGrant {
  readonly address: string;
  readonly use: EgressUse;
  readonly token: string;
  /** The video or playlist that it is for; empty when unknown. */
  readonly item: string;
  /** How often the circuit had been opened when this was granted. */
  readonly epoch: number;
  /** The circuit is half-open and this start alone tests it. */
  readonly isProbe: boolean;
  /** The first probe since the circuit was opened. */
  readonly isFirstProbe: boolean;
}

/** No start may be made now. */
export interface EgressWait {
  /** How long it is of no use to ask again. */
  readonly waitMs: number;
  /** Another item may start now: this one leaves the probe to it. */
  readonly isForOthers?: boolean;
}

/** What a report changed. */
export interface EgressChange {
  /**
   * `item`: others succeed where this item is refused again; the address is not to blame. `outage`: the failure joins an
   * outage that is known already.
   */
  readonly change: 'none' | 'opened' | 'prolonged' | 'closed' | 'item' | 'outage';
  /** How long the address rests after `opened` and `prolonged`. */
  readonly restMs: number;
}

const refusalSchema = z.object({ granted: z.literal(false), waitMs: z.number(), isForOthers: z.boolean() });
const grantSchema = z.object({
  granted: z.literal(true),
  address: z.string(),
  epoch: z.number(),
  isProbe: z.boolean(),
  isFirstProbe: z.boolean(),
});
const acquiredSchema = z.discriminatedUnion('granted', [refusalSchema, grantSchema]);
const changeSchema = z.object({
  change: z.enum(['none', 'opened', 'prolonged', 'closed', 'item', 'outage']),
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
  /** The item whose refusal opened it last, and the one whose start probes it now; empty: none. */
  item: z.string(),
  probeItem: z.string(),
  /** Openings since the last success. */
  level: z.number(),
  /** 0: no limit. */
  budgetPerHour: z.number(),
  usedLastHour: z.number(),
  /** 0: a start would be granted now. */
  nextStartInMs: z.number(),
});
const statesSchema = z.array(stateSchema);

export type EgressState = Readonly<z.output<typeof stateSchema>>;

/** An address that was not used for so long is forgotten. */
const RETENTION_MS = 7 * 24 * 3_600_000;

/**
 * The budgets and circuit breakers of all egress addresses, in Redis, shared by all workers on all hosts. The rules stand
 * with the scripts. All methods throw an OperatorError when Redis does not answer.
 */
export class EgressLedger {
  readonly #redis: RedisConnection;
  readonly #base: string;
  readonly #clock: string;

  /** A notification here says that a start may be granted sooner than expected. */
  readonly channel: string;

  /** @param clock Lua source of the function `clock`; tests have one that they can set. */
  constructor(redis: RedisConnection, prefix: string, clock = REDIS_CLOCK) {
    this.#redis = redis;
    this.#base = `${prefix}:egress`;
    this.channel = `${this.#base}:changes`;
    this.#clock = clock;
  }

  /**
   * Asks for a start through one of these addresses.
   * @param random a number of 0 to 1, for the spacing.
   * @returns the grant, or how long to wait before asking again is of use, in milliseconds.
   */
  async acquire(
    addresses: EgressConfig['addresses'],
    use: EgressUse,
    leaseMs: number,
    random = Math.random(),
    item = '',
  ): Promise<EgressGrant | EgressWait> {
    const token = randomUUID();
    const wanted = addresses.map(({ name, budgetPerHour, spacingMs }) => ({
      name,
      budget: budgetPerHour,
      spacingMs,
    }));
    const answer = await this.#run(ACQUIRE, JSON.stringify(wanted), token, random, leaseMs, item);
    const acquired = acquiredSchema.parse(parsed(answer));
    if (!acquired.granted) {
      const { waitMs, isForOthers } = acquired;
      return { waitMs: Math.max(Math.ceil(waitMs), 1), ...(isForOthers ? { isForOthers } : {}) };
    }
    const { address, epoch, isProbe, isFirstProbe } = acquired;
    return { address, use, token, item, epoch, isProbe, isFirstProbe };
  }

  /** Reports how a start ended. Safe to repeat; it is no longer the probe, whatever the outcome. */
  async report(
    grant: EgressGrant,
    outcome: StartOutcome,
    limits: Pick<EgressConfig, 'minRestMs' | 'maxRestMs'>,
  ): Promise<EgressChange> {
    const isRefusal = outcome.kind === 'refused';
    const answer = await this.#run(
      REPORT,
      grant.address,
      grant.token,
      grant.epoch,
      grant.use,
      outcome.kind,
      'reason' in outcome ? outcome.reason : '',
      isRefusal ? outcome.restAtLeastMs : 0,
      limits.minRestMs,
      limits.maxRestMs,
      grant.item,
    );
    return changeSchema.parse(parsed(answer));
  }

  /** Renews the lease of a probe. @returns false when it is no longer the probe. */
  async renew(grant: EgressGrant, leaseMs: number): Promise<boolean> {
    return (await this.#run(RENEW, grant.address, grant.token, leaseMs)) === 1;
  }

  /** Ends the rest of an address: the next start through it is a probe. @returns false when it did not rest. */
  async endRest(address: string): Promise<boolean> {
    return (await this.#run(END_REST, address)) === 1;
  }

  /** All addresses in use, the least recently used first. */
  async read(): Promise<readonly EgressState[]> {
    return statesSchema.parse(parsed(await this.#run(READ)));
  }

  async #run(script: string, ...args: (string | number)[]): Promise<unknown> {
    return await withRedisErrors('egress', () =>
      runScript(this.#redis, this.#clock + script, [this.#base], [RETENTION_MS, ...args]),
    );
  }
}

/** The ledger of the addresses that the workers of these queues use. */
export function egressLedgerOf(queues: Pick<QueueConnection, 'redis' | 'prefix'>): EgressLedger {
  return new EgressLedger(queues.redis, queues.prefix);
}

function parsed(answer: unknown): unknown {
  return JSON.parse(z.string().parse(answer));
}
