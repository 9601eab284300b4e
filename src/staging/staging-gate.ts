import { randomUUID } from 'node:crypto';
import type { Config } from '../config/config.ts';
import type { AudioProfile } from '../domain/audio.ts';
import { OperatorError, SnoozeError, TransientError } from '../domain/job-errors.ts';
import { videoDocumentId, type VideoKey } from '../domain/video-key.ts';
import type { RedisConnection } from '../queues/redis-connection.ts';
import { waitForNotification } from '../queues/wait-for-notification.ts';
import { estimateStagingBytes, whyStagingIsFull, type StagingFull } from './capacity.ts';
import { CountedStaging } from './counted-staging.ts';
import { ReservationLedger, type StagedSize, type StagingTotals } from './reservations.ts';
import { readStagingId } from './staging-id.ts';
import type { Staging } from './staging.ts';
import { measureWorkDisk } from './work-disk.ts';

/** A reservation is repeated when another worker freed what it needs meanwhile; after this many tries the job fails for now. */
const MAX_TRIES = 50;
/** What is staged is counted; it is measured when the last measurement is older than this. */
const MEASURE_MS = 60_000;
/** Before a download is held back because of an older one, staging is measured, unless another worker has just begun to. */
const RECENT_MS = 1_000;

type GateConfig = Pick<Config, 'staging' | 'media' | 'redis' | 'worker'>;

/**
 * Starts downloads while staging has capacity for them. Each reserves its estimated bytes before it starts, so that
 * workers that share a staging do not exceed its limits together.
 */
export class StagingGate {
  readonly #config: GateConfig;
  readonly #redis: RedisConnection;
  readonly #staging: Pick<Staging, 'id' | 'isOnWorkDisk' | 'listSizes'>;
  #counted: Promise<CountedStaging> | undefined;
  #disk: Promise<string> | undefined;

  /** @param redis a producer connection, whose commands fail while Redis is unavailable. The caller closes it. */
  constructor(
    config: GateConfig,
    redis: RedisConnection,
    staging: Pick<Staging, 'id' | 'isOnWorkDisk' | 'listSizes'>,
  ) {
    this.#config = config;
    this.#redis = redis;
    this.#staging = staging;
  }

  /**
   * Runs a download with its bytes reserved.
   * @param durationSeconds of the video; undefined when it is not known.
   * @param work calls `onStaged` when it has staged a file.
   * @param profile of the download; the configured one when left out.
   * @throws SnoozeError `back_pressure` while staging is full for it; what `work` throws.
   */
  async runWithReservation<T>(
    durationSeconds: number | undefined,
    work: (onStaged: (key: VideoKey, sizeBytes: number) => void) => Promise<T>,
    profile: AudioProfile = this.#config.media.profile,
  ): Promise<T> {
    const { media, worker } = this.#config;
    const { ledger } = await this.#openCount();
    const bytes = estimateStagingBytes(durationSeconds, profile, media.maxSizeBytes);
    const holder = `${await this.#diskOfHolders()}${randomUUID()}`;
    await this.#reserve(holder, bytes);
    const renewal = setInterval(() => {
      // The next renewal makes up for a failed one.
      ledger.renew(holder, bytes).catch(() => undefined);
    }, worker.lockMs / 3);
    let staged: StagedSize | undefined;
    try {
      return await work((key, sizeBytes) => {
        staged = { id: videoDocumentId(key), sizeBytes };
      });
    } finally {
      clearInterval(renewal);
      // The lease expires if this fails.
      await ledger.release(holder, staged).catch(() => undefined);
    }
  }

  /**
   * Counts a video no more whose file has left staging, and notifies waiting workers. Never rejects: they also check at
   * intervals.
   */
  async noteRemoved(key: VideoKey): Promise<void> {
    try {
      await (await this.#openCount()).ledger.noteRemoved(videoDocumentId(key));
    } catch {
      // The next measurement finds the capacity.
    }
  }

  async #reserve(holder: string, bytes: number): Promise<void> {
    const { ledger } = await this.#openCount();
    const { staging, worker } = this.#config;
    const { isOnWorkDisk } = this.#staging;
    const download = { holder, bytes, disk: await this.#diskOfHolders() };
    let maxAgeMs = MEASURE_MS;
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const disk = await measureWorkDisk(staging.directory);
      if (await ledger.reserve(download, { isOnWorkDisk, ...disk }, staging, maxAgeMs)) return;
      const full = await this.#whyFull(bytes);
      if (full?.isHopeless === true) throw new OperatorError('disk_full', full.reason);
      if (full !== undefined) {
        throw new SnoozeError('back_pressure', full.reason, {
          delayMs: worker.probeMs,
          waitUntilReady: (signal) => this.#waitForCapacity(ledger.channel, bytes, signal),
        });
      }
      // It was measured, or another worker is about to.
      maxAgeMs = Number.MAX_SAFE_INTEGER;
    }
    throw new TransientError('timeout', 'Too many downloads start at once.');
  }

  async #waitForCapacity(channel: string, bytes: number, signal: AbortSignal): Promise<void> {
    const { probeMs } = this.#config.worker;
    await waitForNotification({
      redis: this.#redis,
      ...{ channel, signal },
      firstDelayMs: probeMs,
      check: async () => ((await this.#whyFull(bytes)) === undefined ? 0 : probeMs),
    });
  }

  /** Why a download of this size may not start now. Staging is measured first, where what is known of it may be too old. */
  async #whyFull(bytes: number): Promise<StagingFull | undefined> {
    const [counted, disk] = [await this.#openCount(), await this.#diskOfHolders()];
    const known = await counted.totals(MEASURE_MS, disk);
    const full = await this.#whyFullBy(bytes, known);
    if (full === undefined || known.measuredAgeMs <= RECENT_MS) return full;
    return await this.#whyFullBy(bytes, await counted.totals(RECENT_MS, disk));
  }

  async #whyFullBy(bytes: number, { stagedFiles, stagedBytes, reserved }: StagingTotals) {
    const { staging } = this.#config;
    const disk = await measureWorkDisk(staging.directory);
    const { isOnWorkDisk } = this.#staging;
    return whyStagingIsFull(bytes, { stagedFiles, stagedBytes, isOnWorkDisk, ...disk }, reserved, staging);
  }

  async #openCount(): Promise<CountedStaging> {
    const { redis, worker } = this.#config;
    this.#counted ??= this.#staging.id().then((id) => {
      const ledger = new ReservationLedger(this.#redis, redis.prefix, id, worker.lockMs);
      return new CountedStaging(ledger, this.#staging);
    });
    try {
      return await this.#counted;
    } catch (error) {
      this.#counted = undefined;
      throw error;
    }
  }

  /** How the holders of reservations begin whose downloads are on the disk of this machine. */
  async #diskOfHolders(): Promise<string> {
    this.#disk ??= readStagingId(this.#config.staging.directory).then((id) => `${id}.`);
    try {
      return await this.#disk;
    } catch (error) {
      this.#disk = undefined;
      throw error;
    }
  }
}
