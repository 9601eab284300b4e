import type { Config } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import type { QueueConnection } from '../queues/connections.ts';
import { CountedStaging } from '../staging/counted-staging.ts';
import { ReservationLedger } from '../staging/reservations.ts';
import { openStaging } from '../staging/open-staging.ts';
import type { MinioStore } from '../storage/minio-store.ts';
import { measureWorkDisk } from '../staging/work-disk.ts';
import { rateOver, secondsLeft, type Step } from './rates.ts';
import type { Status } from './status.ts';
import { DAY_MS, HOUR_MS, type ThroughputReader } from './throughput.ts';

export interface OverviewDependencies {
  readonly config: Pick<Config, 'azure' | 'staging'>;
  readonly database: Database;
  readonly queues: QueueConnection;
  /** The bucket, for `STAGING=s3`. */
  readonly store: MinioStore;
  readonly readStatus: () => Promise<Status>;
  readonly throughput: ThroughputReader;
}

/** What is staged is measured when the last measurement is older; in between it is counted. */
const STAGING_AGE_MS = 60_000;

/** Everything that the overview shows. */
export type Overview = Awaited<ReturnType<typeof collectOverview>>;

/** @throws TransientError when Redis or MongoDB does not answer. */
export async function collectOverview(dependencies: OverviewDependencies) {
  const { config, database, readStatus, throughput } = dependencies;
  const status = await readStatus();
  const [steps, staging, mirror] = await Promise.all([
    throughput.read(status.at),
    readStaging(dependencies),
    config.azure === undefined ? null : readMirror(database, status),
  ]);
  return { status, ...ratesOf(status, steps), staging, mirror };
}

/** Of the videos that are not stored yet; those that failed or are skipped do not come without a person. */
function ratesOf({ at, videos }: Pick<Status, 'at' | 'videos'>, steps: readonly Step[]) {
  const waiting = videos.discovered + videos.downloaded + videos.retrying;
  const over = (windowMs: number) => {
    const rate = rateOver(steps, at, windowMs);
    return { ...rate, secondsLeft: secondsLeft(waiting, rate) };
  };
  return { waiting, steps, lastHour: over(HOUR_MS), lastDay: over(DAY_MS) };
}

/** How full staging is, over all hosts that share it; null where this machine does not reach it, or may not read it. */
async function readStaging({
  config,
  queues,
  store,
}: Pick<OverviewDependencies, 'config' | 'queues' | 'store'>) {
  const { directory, maxBytes, maxFiles, minFreeBytes } = config.staging;
  const staging = openStaging(config.staging, () => store);
  try {
    if (!(await staging.isReachable())) return null;
    const ledger = new ReservationLedger(queues.redis, queues.prefix, await staging.id(), 0);
    const { stagedFiles, stagedBytes } = await new CountedStaging(ledger, staging).totals(STAGING_AGE_MS);
    // The disks of other hosts are not seen from here.
    const disk = staging.isOnWorkDisk ? await measureWorkDisk(directory) : undefined;
    return {
      files: stagedFiles,
      bytes: stagedBytes + (disk?.workBytes ?? 0),
      freeBytes: disk?.freeBytes ?? null,
      ...{ maxFiles, maxBytes, minFreeBytes },
    };
  } catch {
    // What workers cannot do with it, they say themselves.
    return null;
  }
}

/** What waits for the mirror, and what the last comparison with it found; null before the first. */
async function readMirror({ overview, mirrorReports }: Database, { videos }: Status) {
  const [oldest, report] = await Promise.all([overview.oldestUnmirrored(), mirrorReports.latest()]);
  return {
    waiting: videos.stored,
    oldestStoredAt: oldest ?? null,
    lastComparison:
      report === undefined
        ? null
        : {
            at: report.finished_at,
            objects: report.objects,
            drift: report.drift,
            extra: report.extra,
            isComplete: report.complete,
          },
  };
}
