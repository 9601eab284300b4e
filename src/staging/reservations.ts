import { z } from 'zod';
import type { RedisConnection } from '../queues/redis-connection.ts';
import { runScript } from '../queues/redis-script.ts';
import { withRedisErrors } from '../queues/redis-failure.ts';
import type { ReservationTotals, StagingLimits, StagingUsage } from './capacity.ts';

/** By the clock of Redis: those of hosts differ. */
const NOW = `
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)`;

/** Removes expired reservations. */
const REMOVE_EXPIRED = `${NOW}
for _, holder in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do
  redis.call('ZREM', KEYS[1], holder)
  redis.call('HDEL', KEYS[2], holder)
end`;

/** Sets what is staged of a video; the total follows. */
const SET_STAGED = `
local function setStaged(id, size, at)
  local before = redis.call('HGET', KEYS[4], id) or 0
  redis.call('HSET', KEYS[4], id, size)
  redis.call('ZADD', KEYS[3], at, id)
  redis.call('INCRBY', KEYS[5], string.format('%.0f', size - before))
end
local function removeStaged(id)
  local before = redis.call('HGET', KEYS[4], id)
  if not before then return end
  redis.call('HDEL', KEYS[4], id)
  redis.call('ZREM', KEYS[3], id)
  redis.call('DECRBY', KEYS[5], before)
end`;

/** Sums up what is reserved. @param disk how the holders begin whose downloads are on the disk of the caller, in Lua */
const sum = (disk: string) => `
local downloads, bytes, diskDownloads, diskBytes = 0, 0, 0, 0
local all = redis.call('HGETALL', KEYS[2])
for index = 1, #all, 2 do
  downloads = downloads + 1
  bytes = bytes + all[index + 1]
  if string.sub(all[index], 1, #${disk}) == ${disk} then
    diskDownloads = diskDownloads + 1
    diskBytes = diskBytes + all[index + 1]
  end
end
local files, stagedBytes = redis.call('ZCARD', KEYS[3]), tonumber(redis.call('GET', KEYS[5]) or '0')
local measured = redis.call('GET', KEYS[6])
local measuredAge = measured and now - measured or -1`;

const READ = `${REMOVE_EXPIRED}
${sum('ARGV[1]')}
return {
  downloads, string.format('%.0f', bytes), diskDownloads, string.format('%.0f', diskBytes),
  files, string.format('%.0f', stagedBytes), now, measuredAge
}`;

const WRITE = `
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])`;

/** The conditions are those of `whyStagingIsFull`, which says why where one is not met. */
const RESERVE = `${REMOVE_EXPIRED}
${sum('ARGV[4]')}
local size, maxAge, maxFiles, maxBytes = tonumber(ARGV[2]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local workBytes, spareBytes = tonumber(ARGV[8]), tonumber(ARGV[9])
if measuredAge < 0 or measuredAge > maxAge or spareBytes < 0 then return 0 end
local onDisk = diskDownloads + (ARGV[10] == '1' and files or 0)
if files + downloads > 0 then
  if files + downloads + 1 > maxFiles then return 0 end
  if stagedBytes + math.max(bytes, workBytes) + size > maxBytes then return 0 end
  if onDisk > 0 and spareBytes - math.max(0, diskBytes - workBytes) - size < 0 then return 0 end
end
${WRITE}
return 1`;

const RENEW = `${REMOVE_EXPIRED}
${WRITE}`;

const RELEASE = `${NOW}
${SET_STAGED}
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
if ARGV[3] then setStaged(ARGV[3], ARGV[4], now) end
redis.call('PUBLISH', ARGV[2], '')`;

const NOTE_REMOVED = `${SET_STAGED}
removeStaged(ARGV[2])
redis.call('PUBLISH', ARGV[1], '')`;

/** What was staged after the measurement began is kept: the listing may not have it. */
const MEASURED = `${NOW}
${SET_STAGED}
local found = {}
for index = 2, #ARGV, 2 do
  local id, size = ARGV[index], ARGV[index + 1]
  found[id] = true
  if redis.call('HGET', KEYS[4], id) ~= size then setStaged(id, size, ARGV[1]) end
end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', '(' .. ARGV[1])) do
  if not found[id] then removeStaged(id) end
end
redis.call('SET', KEYS[6], now)`;

const CLAIM = `return redis.call('SET', KEYS[7], '', 'NX', 'PX', ARGV[1]) and 1 or 0`;
/** Workers that share a staging measure it no more often than this, all together. */
const MEASURE_INTERVAL_MS = 5_000;

const count = z.coerce.number();
const readSchema = z.tuple([count, count, count, count, count, count, count, count]);

/** A video and the bytes that are staged of it. */
export interface StagedSize {
  /** The `_id` of the video. */
  readonly id: string;
  readonly sizeBytes: number;
}

/** What the ledger knows of a staging. */
export interface StagingTotals {
  readonly reserved: ReservationTotals;
  readonly stagedFiles: number;
  readonly stagedBytes: number;
  /** The time by the clock of Redis, in milliseconds since the epoch. */
  readonly nowMs: number;
  /** Since staging itself was measured; Infinity when it never was, or Redis has lost it. */
  readonly measuredAgeMs: number;
}

/**
 * What is staged and what running downloads have reserved, in Redis for all workers that share a staging. Each reservation is
 * a lease: it expires when its worker dies, and its renewal restores it when Redis has lost it. What is staged is counted
 * when it comes and goes; what a crash leaves uncounted is found by the next measurement.
 */
export class ReservationLedger {
  readonly #redis: RedisConnection;
  readonly #keys: readonly string[];
  readonly #leaseMs: number;
  /** Pub/sub channel on which freed capacity is announced. */
  readonly channel: string;

  constructor(redis: RedisConnection, prefix: string, stagingId: string, leaseMs: number) {
    const base = `${prefix}:staging:${stagingId}`;
    const names = ['leases', 'bytes', 'staged', 'sizes', 'total', 'measured', 'measuring'];
    this.#redis = redis;
    this.#keys = names.map((name) => `${base}:${name}`);
    this.#leaseMs = leaseMs;
    this.channel = `${base}:room`;
  }

  /** @param disk how the holders begin whose downloads are on the disk of this machine. */
  async read(disk = ''): Promise<StagingTotals> {
    const [downloads, bytes, diskDownloads, diskBytes, stagedFiles, stagedBytes, nowMs, ageMs] =
      readSchema.parse(await this.#run('read reservations', READ, [disk]));
    return {
      ...{ stagedFiles, stagedBytes, nowMs },
      reserved: { downloads, bytes, diskDownloads, diskBytes },
      measuredAgeMs: ageMs < 0 ? Infinity : ageMs,
    };
  }

  /**
   * Reserves, if staging has capacity for it by what is known, in one step.
   * @param usage of the disk of this machine
   * @param maxAgeMs of the last measurement
   * @returns whether it did
   */
  async reserve(
    { holder, bytes, disk }: { readonly holder: string; readonly bytes: number; readonly disk: string },
    usage: Pick<StagingUsage, 'isOnWorkDisk' | 'workBytes' | 'freeBytes'>,
    limits: StagingLimits,
    maxAgeMs: number,
  ): Promise<boolean> {
    const { maxFiles, maxBytes, minFreeBytes } = limits;
    const { workBytes, freeBytes, isOnWorkDisk } = usage;
    const state = [workBytes, freeBytes - minFreeBytes, isOnWorkDisk ? 1 : 0];
    const args = [holder, bytes, this.#leaseMs, disk, maxAgeMs, maxFiles, maxBytes, ...state];
    return (await this.#run('reserve', RESERVE, args)) === 1;
  }

  /** Call it several times a lease. */
  async renew(holder: string, bytes: number): Promise<void> {
    await this.#run('renew a reservation', RENEW, [holder, bytes, this.#leaseMs]);
  }

  /** Ends a reservation, and counts the file that its download has staged, at once. */
  async release(holder: string, staged?: StagedSize): Promise<void> {
    const file = staged === undefined ? [] : [staged.id, staged.sizeBytes];
    await this.#run('release a reservation', RELEASE, [holder, this.channel, ...file]);
  }

  /** Counts what is staged of a video no more, and notifies all waiting workers that capacity was freed. */
  async noteRemoved(id: string): Promise<void> {
    await this.#run('count a file that left staging', NOTE_REMOVED, [this.channel, id]);
  }

  /** @returns whether the caller is the one to measure now. */
  async claimMeasurement(): Promise<boolean> {
    return (await this.#run('claim a measurement', CLAIM, [MEASURE_INTERVAL_MS])) === 1;
  }

  /** Corrects the count by what was found. @param startedAtMs `nowMs` of a read before the measurement */
  async noteMeasured(startedAtMs: number, found: readonly StagedSize[]): Promise<void> {
    const sizes = found.flatMap(({ id, sizeBytes }) => [id, sizeBytes]);
    await this.#run('count what is staged', MEASURED, [startedAtMs, ...sizes]);
  }

  async #run(what: string, script: string, args: readonly (string | number)[]): Promise<unknown> {
    return await withRedisErrors(what, () => runScript(this.#redis, script, this.#keys, args));
  }
}
