import { setTimeout as delay } from 'node:timers/promises';
import type { RunDocument } from '../../database/collections/run.ts';
import type { Config } from '../../config/config.ts';
import type { RunDependencies } from '../../collectors/scheduling/request-run.ts';
import { listenToJobs } from '../../queues/job-endings.ts';
import { collectJobId } from '../../queues/job-ids.ts';
import { ERROR_CLASSES } from '../../domain/error-classes.ts';

/** Runs are also polled: an event may be missed, and a worker that dies sends none. */
const POLL_INTERVAL_MS = 5_000;

export interface FollowedRun {
  readonly sourceId: string;
  readonly runId: string;
  readonly scheduledFor: Date;
}

/** A run and its record; undefined when its job was lost before it started. */
export interface EndedRun extends FollowedRun {
  readonly run: RunDocument | undefined;
}

/**
 * Waits until runs have ended. A run that the source has postponed counts as ended, because that may take a day.
 * @param onWait called once for each delay before another attempt
 * @returns all runs; those that had not ended when the signal was aborted, in their current state
 */
export async function followRuns(
  followed: readonly FollowedRun[],
  config: Config,
  dependencies: RunDependencies,
  signal: AbortSignal,
  onWait: (run: RunDocument, until: Date) => void,
): Promise<EndedRun[]> {
  const ended = new Map<string, EndedRun>();
  const reported = new Set<string>();
  let wake = Promise.withResolvers<undefined>();
  const endings = await listenToJobs(config.redis, 'collect', () => {
    wake.resolve(undefined);
  });
  try {
    for (;;) {
      wake = Promise.withResolvers<undefined>();
      for (const followedRun of followed) {
        const { runId } = followedRun;
        if (ended.has(runId)) continue;
        const run = await dependencies.database.runs.findById(runId);
        if (signal.aborted || (await hasEnded(followedRun, run, dependencies))) {
          ended.set(runId, { ...followedRun, run });
        } else if (run?.status === 'failed' && run.next_retry_at && !reported.has(attemptOf(run))) {
          reported.add(attemptOf(run));
          onWait(run, run.next_retry_at);
        }
      }
      if (ended.size === followed.length) return followed.flatMap(({ runId }) => ended.get(runId) ?? []);
      await Promise.race([
        wake.promise,
        delay(POLL_INTERVAL_MS, undefined, { signal }).catch(() => undefined),
      ]);
    }
  } finally {
    await endings.close();
  }
}

async function hasEnded(
  { sourceId, scheduledFor }: FollowedRun,
  run: RunDocument | undefined,
  { queues }: RunDependencies,
): Promise<boolean> {
  switch (run?.status) {
    case 'success':
    case 'partial':
    case 'skipped':
      return true;
    case 'failed':
      if (run.error && ERROR_CLASSES[run.error.class].outcome === 'later') return true;
      if (run.next_retry_at) return false;
      break;
    case 'running':
      return false;
    case undefined:
  }
  const jobId = collectJobId({ sourceId, scheduledFor: scheduledFor.toISOString() }, run?.round ?? 0);
  const [presence] = await queues.jobs.presence('collect', [jobId]);
  return presence !== 'live';
}

function attemptOf({ _id, attempts }: RunDocument): string {
  return `${_id} ${String(attempts)}`;
}
