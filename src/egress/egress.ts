import type { Redis } from 'ioredis';
import type { Config, EgressConfig } from '../config/config.ts';
import type { EgressChange, EgressGrant, EgressLedger, EgressUse, EgressResult } from './egress-ledger.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import type { ThrottledError } from '../domain/job-errors.ts';
import { toError, toJobError } from '../domain/job-errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { EgressRestError } from './egress-rest-error.ts';
import { EgressStart } from './egress-start.ts';
import { untilTurn } from './until-turn.ts';
import { egressLedgerOf } from './egress-ledger.ts';

/** Refusals that the ledger has been told of. */
const reported = new WeakSet<ThrottledError>();

/** What the ways out of one worker process work with. */
export interface EgressOptions {
  readonly config: EgressConfig;
  readonly ledger: EgressLedger;
  readonly logger: Logger;
  /** A probe whose worker has not been heard of for so long is given to another. */
  readonly leaseMs: number;
  /** To listen with. */
  readonly redis: Redis;
}

/** The ways out to the site, as one worker process uses them: asked before every start, told how it ended. */
export class Egress {
  readonly #options: EgressOptions;

  constructor(options: EgressOptions) {
    this.#options = options;
  }

  /**
   * Asks for a start. The caller must end the turn.
   * @throws EgressRestError when none may be made now, OperatorError when Redis does not answer.
   */
  async begin(use: EgressUse): Promise<EgressStart> {
    const { config, ledger, leaseMs, logger } = this.#options;
    const grant = await ledger.acquire(config.addresses, use, leaseMs);
    if ('waitMs' in grant) throw new EgressRestError(grant.waitMs);
    const identity = config.addresses.find(({ name }) => name === grant.address) ?? config.addresses[0];
    if (grant.isFirstProbe) {
      logger.info(
        { egress: identity.name, state: 'half-open' },
        'The rest is over: one job tests whether the site serves this way out again',
      );
    }
    return new EgressStart(identity, grant, {
      report: (verdict) => this.#report(grant, verdict),
      onRefusal: (error) => void reported.add(error),
      renew: async () => {
        // A lease that cannot be renewed runs out, which is what it is for.
        await ledger.renew(grant, leaseMs).catch(() => undefined);
      },
      renewEveryMs: leaseMs / 3,
    });
  }

  /**
   * Makes one start and tells the fleet how the site took it.
   * @throws EgressRestError when none may be made now; else what the work throws.
   */
  async use<T>(use: EgressUse, signal: AbortSignal, work: (turn: EgressStart) => Promise<T>): Promise<T> {
    const turn = await this.begin(use);
    try {
      const result = await work(turn);
      await turn.succeed();
      return result;
    } catch (thrown) {
      const error = toJobError(thrown, signal);
      await turn.fail(error);
      throw error;
    }
  }

  /** How long the worker of a refused job rests, in milliseconds; 0 when another way out is free. */
  async restAfter(error: ThrottledError): Promise<number> {
    const { config, logger } = this.#options;
    // A refusal that no turn told of changed nothing: without a rest its job would begin again at once.
    const leastMs = reported.has(error) ? 0 : Math.max(config.minRestMs, error.restAtLeastMs ?? 0);
    try {
      return Math.max(leastMs, await this.#remainingMs());
    } catch (failure) {
      logger.warn({ err: failure }, 'The state of the ways out cannot be read');
      return Math.max(leastMs, config.minRestMs);
    }
  }

  /** Resolves when a start may be granted again, or the signal is aborted; never rejects. */
  async untilTurn(restMs: number, signal: AbortSignal): Promise<void> {
    const { redis, ledger } = this.#options;
    await untilTurn({
      ...{ redis, channel: ledger.channel, signal, restMs },
      remainingMs: () => this.#remainingMs(),
    });
  }

  /** How long until one of our own identities may start. */
  async #remainingMs(): Promise<number> {
    const { config, ledger } = this.#options;
    const own = new Set(config.addresses.map(({ name }) => name));
    const states = (await ledger.read()).filter(({ name }) => own.has(name));
    const nextMs = Math.min(...states.map(({ nextStartInMs }) => nextStartInMs));
    return Number.isFinite(nextMs) ? Math.ceil(nextMs) : 0;
  }

  async #report(grant: EgressGrant, verdict: EgressResult): Promise<boolean> {
    const { ledger, config, logger } = this.#options;
    try {
      const change = await ledger.report(grant, verdict, config);
      this.#log(grant.address, verdict, change);
      return true;
    } catch (error) {
      logger.warn({ err: toError(error), egress: grant.address }, 'The fleet was not told how a start ended');
      return false;
    }
  }

  #log(identity: string, verdict: EgressResult, { change, restMs }: EgressChange): void {
    const { logger } = this.#options;
    const reason = verdict.kind === 'refused' ? verdict.reason : undefined;
    const restSeconds = Math.ceil(restMs / 1000);
    switch (change) {
      case 'opened':
        logger.warn(
          { egress: identity, state: 'open', reason, restSeconds },
          'The site limits this way out: all workers leave it alone for a while',
        );
        break;
      case 'prolonged':
        logger.warn(
          { egress: identity, state: 'open', reason, restSeconds },
          'The site still limits this way out: its rest is longer now',
        );
        break;
      case 'closed':
        logger.info({ egress: identity, state: 'closed' }, 'The site serves this way out again');
        break;
      case 'none':
        break;
    }
  }
}

/** The ways out of one worker process. */
export function openEgress(
  config: Pick<Config, 'egress' | 'worker'>,
  queues: JobQueues,
  logger: Logger,
): Egress {
  return new Egress({
    config: config.egress,
    ledger: egressLedgerOf(queues),
    logger,
    leaseMs: config.worker.lockMs,
    redis: queues.redis,
  });
}
