import type { Database } from '../database/database.ts';
import type { VideoKey } from '../domain/video-key.ts';
import type { VideoStatus } from '../domain/video-status.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import type { Actor } from './audited.ts';
import { redownloadVideos, remirrorVideos, type RestartOutcome } from './restart-videos.ts';
import { retryVideos, type RetryOutcome } from './retry-videos.ts';
import {
  skipVideos,
  unskipVideos,
  type SkipOutcome,
  type UndoOutcome,
  type UnskipOutcome,
} from './skip-videos.ts';
import type { VideoResult } from './change-videos.ts';

export interface ActionDependencies {
  readonly database: Database;
  readonly queues: JobQueues;
}

export const VIDEO_ACTION_NAMES = ['retry', 'skip', 'unskip', 'redownload', 'remirror'] as const;
export type VideoActionName = (typeof VIDEO_ACTION_NAMES)[number];

export type ActionOutcome =
  RetryOutcome | SkipOutcome | UnskipOutcome | RestartOutcome | UndoOutcome | 'error';

interface VideoAction {
  /** The statuses in which it makes sense; the operation itself decides. */
  readonly statuses: readonly VideoStatus[];
  readonly needsMirror?: true;
  readonly run: (
    keys: readonly VideoKey[],
    actor: Actor,
    dependencies: ActionDependencies,
  ) => Promise<readonly VideoResult<ActionOutcome>[]>;
}

/** What can be done with any number of videos at once, but for their deletion. */
export const VIDEO_ACTIONS: Readonly<Record<VideoActionName, VideoAction>> = {
  retry: { statuses: ['failed', 'retrying'], run: retryVideos },
  skip: { statuses: ['discovered', 'downloaded', 'retrying', 'failed'], run: skipVideos },
  unskip: { statuses: ['skipped'], run: unskipVideos },
  redownload: { statuses: ['stored', 'mirrored'], run: redownloadVideos },
  remirror: { statuses: ['stored', 'mirrored'], needsMirror: true, run: remirrorVideos },
};

/** The actions that make sense for a video of this status; all of them without one. */
export function actionsFor(status: VideoStatus | undefined, hasMirror: boolean): VideoActionName[] {
  return VIDEO_ACTION_NAMES.filter((name) => {
    const { statuses, needsMirror } = VIDEO_ACTIONS[name];
    return (status === undefined || statuses.includes(status)) && (needsMirror === undefined || hasMirror);
  });
}
