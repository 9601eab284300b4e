import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Config } from '../config/config.ts';
import type { AudioProfile } from '../domain/audio.ts';
import { OperatorError, SnoozeError, TransientError } from '../domain/job-errors.ts';
import { waitForNotification } from '../queues/wait-for-notification.ts';
import { estimateStagingBytes, whyStagingIsFull } from './capacity.ts';
import { ReservationLedger } from './reservations.ts';
import { readStagingId } from './staging-id.ts';
import { measureStaging } from './staging-usage.ts';

/** A reservation is repeated when another worker reserved meanwhile; after this many tries the job fails for now. */
const MAX_TRIES = 50;

/**
 * Starts downloads while staging has capacity for them. Each reserves its estimated bytes before it starts, so that
 * workers that share a directory do not exceed its limits together.
 */
export class StagingGate {
  readonly #config: Pick<Config, 'staging' | 'media' | 'redis' | 'worker'>;
  readonly #redis: Redis;
  #ledger: Promise<ReservationLedger> | undefined;

  /** @param redis a producer connection, whose commands fail while Redis is unavailable. The caller closes it. */
  constructor(config: Pick<Config, 'staging' | 'media' | 'redis' | 'worker'>, redis: Redis) {
    this.#config = config;
    this.#redis = redis;
  }

  /**
   * Runs a download with its bytes reserved.
   * @param durationSeconds of the video; undefined when it is not known.
   * @param profile of the download; the configured one when left out.
   * @throws SnoozeError `back_pressure` while staging is full for it; what `work` throws.
   */
  async runWithReservation<T>(
    durationSeconds: number | undefined,
    work: () => Promise<T>,
    profile: AudioProfile = this.#config.media.profile,
  ): Promise<T> {
    const { media, worker } = this.#config;
    const ledger = await this.#openLedger();
    const bytes = estimateStagingBytes(durationSeconds, profile, media.maxSizeBytes);
    const holder = randomUUID();
    await this.#reserve(ledger, holder, bytes);
    const renewal = setInterval(() => {
      // The next renewal makes up for a failed one.
      ledger.renew(holder, bytes).catch(() => undefined);
    }, worker.lockMs / 3);
    try {
      return await work();
    } finally {
      clearInterval(renewal);
      // The lease expires if this fails.
      await ledger.release(holder).catch(() => undefined);
    }
  }

  /** Notifies waiting workers that a file has left staging. Never rejects: they also check at intervals. */
  async announceCapacity(): Promise<void> {
    try {
      await (await this.#openLedger()).announceCapacity();
    } catch {
      // The next interval check finds the capacity.
    }
  }

  async #reserve(ledger: ReservationLedger, holder: string, bytes: number): Promise<void> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const { reason, isEmpty, version } = await this.#check(ledger, bytes);
      // Something else fills the disk, so waiting for uploads would not help.
      if (reason !== undefined && isEmpty) throw new OperatorError('disk_full', reason);
      if (reason !== undefined) {
        throw new SnoozeError('back_pressure', reason, {
          delayMs: this.#config.worker.probeMs,
          waitUntilReady: (signal) => this.#waitForCapacity(ledger, bytes, signal),
        });
      }
      if (await ledger.add(holder, bytes, version)) return;
    }
    throw new TransientError('timeout', 'Too many downloads start at once.');
  }

  async #waitForCapacity(ledger: ReservationLedger, bytes: number, signal: AbortSignal): Promise<void> {
    const { probeMs } = this.#config.worker;
    await waitForNotification({
      redis: this.#redis,
      channel: ledger.channel,
      signal,
      firstDelayMs: probeMs,
      check: async () => ((await this.#check(ledger, bytes)).reason === undefined ? 0 : probeMs),
    });
  }

  async #check(ledger: ReservationLedger, bytes: number) {
    const { staging } = this.#config;
    // Reservations first: a download stages its file before it releases its reservation, so that one that ends between
    // the two reads counts twice rather than not at all.
    const reserved = await ledger.read();
    const usage = await measureStaging(staging.directory);
    const reason = whyStagingIsFull(bytes, usage, reserved, staging);
    return { reason, isEmpty: usage.stagedFiles + reserved.downloads === 0, version: reserved.version };
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
