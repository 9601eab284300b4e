import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Config } from '../config/config.ts';
import { OperatorError, TransientError } from '../domain/job-errors.ts';
import { HeldBackError } from './held-back-error.ts';
import { estimateStagingBytes } from './estimate.ts';
import { ReservationLedger } from './reservations.ts';
import { whyStagingIsFull } from './capacity.ts';
import { readStagingId } from './staging-id.ts';
import { measureStaging } from './staging-usage.ts';
import { untilAnnounced } from '../queues/wait-for-notification.ts';

/** More workers than this that reserve in one instant are not expected; the job is then tried again. */
const MOST_TRIES = 50;

/**
 * Lets downloads begin while there is room for them in staging. Each reserves what it will need before it begins,
 * so that many workers which share a directory do not overshoot together.
 */
export class StagingGate {
  readonly #config: Pick<Config, 'staging' | 'media' | 'redis' | 'worker'>;
  readonly #redis: Redis;
  #ledger: Promise<ReservationLedger> | undefined;

  /** @param redis of the producers' kind: its commands fail when Redis is away. It stays the caller's. */
  constructor(config: Pick<Config, 'staging' | 'media' | 'redis' | 'worker'>, redis: Redis) {
    this.#config = config;
    this.#redis = redis;
  }

  /**
   * Does a download with its bytes set aside.
   * @throws HeldBackError when there is no room for it now; what `work` throws.
   */
  async within<T>(durationSeconds: number | undefined, work: () => Promise<T>): Promise<T> {
    const { media, worker } = this.#config;
    const ledger = await this.#openLedger();
    const bytes = estimateStagingBytes(durationSeconds, media.profile, media.maxSizeBytes);
    const holder = randomUUID();
    await this.#reserve(ledger, holder, bytes);
    const renewal = setInterval(() => {
      // One that fails is made up for by the next.
      ledger.renew(holder, bytes).catch(() => undefined);
    }, worker.lockMs / 3);
    try {
      return await work();
    } finally {
      clearInterval(renewal);
      // The lease ends by itself where this fails.
      await ledger.release(holder).catch(() => undefined);
    }
  }

  /** Tells that a file has left staging. Never rejects: those who wait look by themselves, too. */
  async announceCapacity(): Promise<void> {
    try {
      await (await this.#openLedger()).announceCapacity();
    } catch {
      // See above.
    }
  }

  async #reserve(ledger: ReservationLedger, holder: string, bytes: number): Promise<void> {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      // In this order a download that ends meanwhile counts twice rather than not at all: it stages its file
      // before it gives up its reservation.
      const reserved = await ledger.read();
      const usage = await measureStaging(this.#config.staging.directory);
      const lack = whyStagingIsFull(bytes, usage, reserved, this.#config.staging);
      if (lack !== undefined && usage.stagedFiles + reserved.downloads === 0) {
        // Nothing of ours fills the disk, so nothing of ours will make room.
        throw new OperatorError('disk_full', lack);
      }
      if (lack !== undefined) {
        throw new HeldBackError(lack, (signal) => this.#untilRoom(ledger, bytes, signal));
      }
      if (await ledger.add(holder, bytes, reserved.version)) return;
    }
    throw new TransientError('timeout', 'Too many downloads begin at once.');
  }

  async #untilRoom(ledger: ReservationLedger, bytes: number, signal: AbortSignal): Promise<void> {
    await untilAnnounced(this.#redis, ledger.channel, {
      signal,
      lookAgainMs: this.#config.worker.probeMs,
      isThere: async () => {
        const reserved = await ledger.read();
        const usage = await measureStaging(this.#config.staging.directory);
        return whyStagingIsFull(bytes, usage, reserved, this.#config.staging) === undefined;
      },
    });
  }

  async #openLedger(): Promise<ReservationLedger> {
    const { staging, redis, worker } = this.#config;
    this.#ledger ??= readStagingId(staging.directory).then(
      (id) => new ReservationLedger(this.#redis, redis.prefix, id, worker.lockMs),
    );
    try {
      return await this.#ledger;
    } catch (error) {
      this.#ledger = undefined;
      throw error;
    }
  }
}
