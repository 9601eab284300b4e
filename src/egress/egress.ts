import type { Config } from '../config/config.ts';
import {
  ItemError,
  OperatorError,
  SnoozeError,
  toError,
  toJobError,
  ThrottledError,
  type AnyJobError,
} from '../domain/job-errors.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import { waitForNotification } from '../queues/wait-for-notification.ts';
import type { Logger } from '../runtime/logger.ts';
import {
  egressLedgerOf,
  type EgressChange,
  type EgressGrant,
  type EgressLedger,
  type EgressState,
  type EgressUse,
  type StartOutcome,
} from './egress-ledger.ts';
import { EgressStart } from './egress-start.ts';
import type { RedisConnection } from '../queues/redis-connection.ts';

/** Refusals that are in the ledger, with what each changed there. */
const reported = new WeakMap<ThrottledError, EgressChange>();

/** When the job of a refusal is tried again, in milliseconds from now. */
export interface RefusalReturn {
  /** When an address is free, as far as is known now. */
  readonly expectedMs: number;
  /** When the job may be taken again; no longer than `expectedMs`. */
  readonly delayMs: number;
}

/**
 * The job of a refusal may be taken again after so long at the latest. Workers whose addresses rest take none; those of a
 * host that begins later, and all once a rest is ended by hand, find it.
 */
const RETURN_WITHIN_MS = 10_000;

export interface EgressDependencies {
  readonly config: Config['egress'];
  readonly ledger: EgressLedger;
  readonly logger: Logger;
  /** A probe whose worker does not renew it for so long is given to another. */
  readonly leaseMs: number;
  /** Notifications are received on a duplicate of it. */
  readonly redis: RedisConnection;
}

/** The egress addresses, as one worker process uses them: asked before every start, told how it ended. */
export class Egress {
  readonly #dependencies: EgressDependencies;

  constructor(dependencies: EgressDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Asks for a start. The caller must end it.
   * @param item the video or playlist that it is for
   * @throws SnoozeError `egress_rest` when none may be made now; OperatorError when Redis does not answer.
   */
  async begin(use: EgressUse, item: string): Promise<EgressStart> {
    const { config, ledger, leaseMs, logger } = this.#dependencies;
    const grant = await ledger.acquire(config.addresses, use, leaseMs, Math.random(), item);
    if ('waitMs' in grant)
      throw grant.isForOthers === true ? leavesProbe(grant.waitMs) : this.#snooze(grant.waitMs);
    const address = config.addresses.find(({ name }) => name === grant.address) ?? config.addresses[0];
    if (grant.isFirstProbe) {
      logger.info(
        { egress: address.name, state: 'half-open', item },
        `The rest of egress address ${address.name} is over: ${item} probes whether the site serves it again`,
      );
    }
    return new EgressStart(address, grant, {
      report: (outcome) => this.#report(grant, outcome),
      onRefusal: (error, change) => void reported.set(error, change),
      renew: async () => {
        // A lease that cannot be renewed runs out, which is its purpose.
        await ledger.renew(grant, leaseMs).catch(() => undefined);
      },
      renewEveryMs: leaseMs / 3,
    });
  }

  /**
   * Makes one start and reports how it ended.
   * @throws SnoozeError `egress_rest` when none may be made now; ItemError when the site refuses this item alone; else
   *   what the work throws.
   */
  async use<T>(
    use: EgressUse,
    item: string,
    signal: AbortSignal,
    work: (start: EgressStart) => Promise<T>,
  ): Promise<T> {
    const start = await this.begin(use, item);
    try {
      const result = await work(start);
      await start.succeed();
      return result;
    } catch (thrown) {
      const error = this.ofAddress(toJobError(thrown, signal), start);
      throw attributeRefusal(await start.fail(error));
    }
  }

  /**
   * An error about cookies names their file and the address. Cookies that one of several addresses has wrong stop that
   * address only.
   */
  ofAddress(error: AnyJobError, { address }: EgressStart): AnyJobError {
    if (error.errorClass !== 'cookies_unusable') return error;
    const { cookiesFile, name } = address;
    const message = `Cookies ${cookiesFile ?? 'of YTDLP_EXTRA_ARGS'} of egress address ${name}: ${error.message}`;
    const isOfOne = cookiesFile !== undefined && this.#dependencies.config.addresses.length > 1;
    return isOfOne
      ? new ThrottledError('address_unusable', message, { cause: error })
      : new OperatorError('cookies_unusable', message, { cause: error });
  }

  /** When the job of a refusal is tried again, behind the others. */
  async returnAfter(error: ThrottledError): Promise<RefusalReturn> {
    const { config, ledger, logger } = this.#dependencies;
    // A refusal that is not in the ledger changed nothing: without a rest its job would begin again at once.
    const leastMs = reported.has(error) ? 0 : Math.max(config.minRestMs, error.restAtLeastMs ?? 0);
    try {
      // Workers with other addresses may take it at once.
      const expectedMs = Math.max(leastMs, soonestMs(await ledger.read()));
      return { expectedMs, delayMs: Math.max(leastMs, Math.min(expectedMs, RETURN_WITHIN_MS)) };
    } catch (failure) {
      logger.warn({ err: failure }, 'The state of the egress addresses cannot be read');
      const delayMs = Math.max(leastMs, config.minRestMs);
      return { expectedMs: delayMs, delayMs };
    }
  }

  /** The pause of a worker while no address may start; undefined when one may. */
  async restOfAll(): Promise<SnoozeError | undefined> {
    const remainingMs = await this.#remainingMs().catch(() => 0);
    return remainingMs > 0 ? this.#snooze(remainingMs) : undefined;
  }

  #snooze(delayMs: number): SnoozeError {
    const { redis, ledger } = this.#dependencies;
    return new SnoozeError('egress_rest', 'All egress addresses rest, or their budget is spent.', {
      delayMs,
      waitUntilReady: (signal) =>
        waitForNotification({
          ...{ redis, channel: ledger.channel, signal, firstDelayMs: delayMs },
          check: () => this.#remainingMs(),
        }),
    });
  }

  /** How long until one of this process's own addresses may start. */
  async #remainingMs(): Promise<number> {
    const { config, ledger } = this.#dependencies;
    const own = new Set(config.addresses.map(({ name }) => name));
    return soonestMs((await ledger.read()).filter(({ name }) => own.has(name)));
  }

  async #report(grant: EgressGrant, outcome: StartOutcome): Promise<EgressChange | undefined> {
    const { ledger, config, logger } = this.#dependencies;
    try {
      const change = await ledger.report(grant, outcome, config);
      this.#log(grant, outcome, change);
      return change;
    } catch (error) {
      logger.warn({ err: toError(error), egress: grant.address }, 'The end of a start could not be reported');
      return undefined;
    }
  }

  #log({ address, item }: EgressGrant, outcome: StartOutcome, { change, restMs }: EgressChange): void {
    const { logger } = this.#dependencies;
    const reason = 'reason' in outcome ? outcome.reason : undefined;
    const rest = { egress: address, state: 'open', reason, item, restSeconds: Math.ceil(restMs / 1000) };
    switch (change) {
      case 'opened':
        logger.warn(rest, `Egress address ${address} rests because of ${item}: ${reason ?? ''}`);
        break;
      case 'prolonged':
        logger.warn(rest, `Egress address ${address} rests longer because of ${item}: ${reason ?? ''}`);
        break;
      case 'closed':
        logger.info({ egress: address, state: 'closed' }, `The site serves egress address ${address} again`);
        break;
      case 'item':
        logger.info({ egress: address, item, reason }, `The site refuses ${item} and serves others`);
        break;
      case 'none':
      case 'outage':
        break;
    }
  }
}

/** How long until the first of these addresses may start. */
function soonestMs(states: readonly EgressState[]): number {
  const nextMs = Math.min(...states.map(({ nextStartInMs }) => nextStartInMs));
  return Number.isFinite(nextMs) ? Math.ceil(nextMs) : 0;
}

/** The error of a refusal that is the item's own; all others as they are. */
export function attributeRefusal<E extends Error>(error: E): E | ItemError {
  const isOwn = error instanceof ThrottledError && reported.get(error)?.change === 'item';
  return isOwn ? new ItemError(error) : error;
}

/** The item that was refused waits by itself; the others go on. */
function leavesProbe(delayMs: number): SnoozeError {
  return new SnoozeError('egress_rest', 'Another item probes the egress address first.', { delayMs });
}

/** The egress addresses of one worker process or command. */
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
