import type { Config } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import { statIfThere } from '../runtime/files.ts';
import { measureStaging } from '../staging/staging-usage.ts';
import { rateOver, secondsLeft, type Step } from './rates.ts';
import type { Status } from './status.ts';
import { DAY_MS, HOUR_MS, type ThroughputReader } from './throughput.ts';

export interface OverviewDependencies {
  readonly config: Pick<Config, 'azure' | 'staging'>;
  readonly database: Database;
  readonly readStatus: () => Promise<Status>;
  readonly throughput: ThroughputReader;
}

/** Everything that the overview shows. */
export type Overview = Awaited<ReturnType<typeof collectOverview>>;

/** @throws TransientError when Redis or MongoDB does not answer. */
export async function collectOverview(dependencies: OverviewDependencies) {
  const { config, database, readStatus, throughput } = dependencies;
  const status = await readStatus();
  const [steps, staging, mirror] = await Promise.all([
    throughput.read(status.at),
    readStaging(config.staging),
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

/** How full the staging directory is; null where this machine does not have it, or may not read it. */
async function readStaging({ directory, maxBytes, maxFiles, minFreeBytes }: Config['staging']) {
  try {
    if ((await statIfThere(directory)) === undefined) return null;
    const { stagedFiles, stagedBytes, workBytes, freeBytes } = await measureStaging(directory);
    return {
      files: stagedFiles,
      bytes: stagedBytes + workBytes,
      freeBytes,
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
