import { z } from 'zod';
import { videoKeysInput } from '../../operations/inputs.ts';
import { redownloadVideos, remirrorVideos } from '../../operations/restart-videos.ts';
import { retryVideos } from '../../operations/retry-videos.ts';
import { skipVideos, unskipVideos, type VideoResult } from '../../operations/skip-videos.ts';
import type { Actor } from '../../operations/audited.ts';
import type { Database } from '../../database/database.ts';
import type { VideoKey } from '../../domain/video-key.ts';
import type { VideoStatus } from '../../domain/video-status.ts';
import type { JobQueues } from '../../queues/job-queues.ts';

interface ActionDependencies {
  readonly database: Database;
  readonly queues: JobQueues;
}

interface VideoAction {
  readonly label: string;
  /** The statuses in which it makes sense; the operation itself decides. */
  readonly statuses: readonly VideoStatus[];
  readonly needsMirror?: true;
  readonly run: (
    keys: readonly VideoKey[],
    actor: Actor,
    dependencies: ActionDependencies,
  ) => Promise<readonly VideoResult<string>[]>;
}

export const VIDEO_ACTION_NAMES = ['retry', 'skip', 'unskip', 'redownload', 'remirror'] as const;
export type VideoActionName = (typeof VIDEO_ACTION_NAMES)[number];

/** What can be done with videos on the pages. */
export const VIDEO_ACTIONS: Readonly<Record<VideoActionName, VideoAction>> = {
  retry: { label: 'Retry now', statuses: ['failed', 'retrying'], run: retryVideos },
  skip: { label: 'Skip', statuses: ['discovered', 'downloaded', 'retrying', 'failed'], run: skipVideos },
  unskip: { label: 'Archive after all', statuses: ['skipped'], run: unskipVideos },
  redownload: { label: 'Download again', statuses: ['stored', 'mirrored'], run: redownloadVideos },
  remirror: {
    label: 'Copy to Azure again',
    statuses: ['stored', 'mirrored'],
    needsMirror: true,
    run: remirrorVideos,
  },
};

/** The actions that make sense for a video. */
export function actionsFor(status: VideoStatus | undefined, hasMirror: boolean): VideoActionName[] {
  return VIDEO_ACTION_NAMES.filter((name) => {
    const { statuses, needsMirror } = VIDEO_ACTIONS[name];
    return (status === undefined || statuses.includes(status)) && (needsMirror === undefined || hasMirror);
  });
}

const MAX_SELECTED = 200;

/** What the form of a list or of one video sends. */
export const actionSchema = z.object({
  action: z.enum(VIDEO_ACTION_NAMES),
  id: z
    .union([z.string().transform((id) => [id]), z.array(z.string())])
    .pipe(z.array(z.string().max(200)).max(MAX_SELECTED))
    .pipe(videoKeysInput),
});

const DONE: ReadonlySet<string> = new Set(['retried', 'skipped', 'unskipped', 'restarted']);

/** `retried.3,refused.1`: how many videos had which outcome, for the address of the page that is shown next. */
export function countOutcomes(results: readonly VideoResult<string>[]): string {
  const counts = new Map<string, number>();
  for (const { outcome } of results) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return [...counts].map(([outcome, count]) => `${outcome}.${String(count)}`).join(',');
}

/** What `countOutcomes` made; anything else is refused, because anybody can make an address. */
export const outcomesSchema = z
  .string()
  .max(300)
  .regex(/^[a-z_]{1,30}\.\d{1,6}(?:,[a-z_]{1,30}\.\d{1,6}){0,9}$/);

/** `3 retried, 1 left alone: refused.` */
export function describeOutcomes(counted: string): string {
  const parts = counted.split(',').map((part) => {
    const [outcome = '', count = ''] = part.split('.');
    return `${count} ${DONE.has(outcome) ? '' : 'left alone: '}${outcome.replaceAll('_', ' ')}`;
  });
  return `${parts.join(', ')}.`;
}
