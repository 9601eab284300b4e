import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../../config/config.ts';
import type { RunDocument } from '../../database/collection-documents.ts';
import type { RunDependencies } from '../../collectors/request-run.ts';
import { listenToJobs } from '../../queues/job-endings.ts';
import { collectJobId } from '../../queues/job-ids.ts';
import { ERROR_CLASSES } from '../../domain/error-classes.ts';

/** Looked at in any case: an event may be missed, and a worker may die without one. */
const LOOK_EVERY_MS = 5_000;

/** A run that is followed. */
export interface FollowedRun {
  readonly sourceId: string;
  readonly runId: string;
  readonly scheduledFor: Date;
}

/** What a run came to; without a record it was lost before it began. */
export interface EndedRun extends FollowedRun {
  readonly run: RunDocument | undefined;
}

/**
 * Waits until runs have ended. One that the source has put off counts as ended: it may take a day.
 * @param onWait told once for each wait for another try.
 * @returns all of them; those that had not ended when the signal was aborted as they stood.
 */
export async function followRuns(
  followed: readonly FollowedRun[],
  config: Config,
  dependencies: RunDependencies,
  signal: AbortSignal,
  onWait: (run: RunDocument, until: Date) => void,
): Promise<EndedRun[]> {
  const ended = new Map<string, EndedRun>();
  const told = new Set<string>();
  let wake = Promise.withResolvers<undefined>();
  const endings = await listenToJobs(config.redis, 'collect', () => {
    wake.resolve(undefined);
  });
  try {
    for (;;) {
      wake = Promise.withResolvers<undefined>();
      for (const one of followed) {
        if (ended.has(one.runId)) continue;
        const run = await dependencies.database.runs.find(one.runId);
        if (signal.aborted || (await hasEnded(one, run, dependencies))) ended.set(one.runId, { ...one, run });
        else if (run?.status === 'failed' && run.next_retry_at && !told.has(waitOf(run))) {
          told.add(waitOf(run));
          onWait(run, run.next_retry_at);
        }
      }
      if (ended.size === followed.length) return followed.flatMap(({ runId }) => ended.get(runId) ?? []);
      await Promise.race([wake.promise, delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined)]);
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
  const [presence] = await queues.presence('collect', [jobId]);
  return presence !== 'live';
}

function waitOf({ _id, attempts }: RunDocument): string {
  return `${_id} ${String(attempts)}`;
}
