import type { Database } from '../database/database.ts';
import type { WaitingVideo } from '../database/video-backlog.ts';
import { BY_HAND, strongestPriority } from '../domain/download-priority.ts';
import { videoDocumentId, type VideoKey } from '../domain/video-key.ts';
import { DownloadWindow } from '../queues/download-window.ts';
import { stageJobId } from '../queues/job-ids.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import { fillWindow } from './fill-window.ts';

interface BacklogDependencies {
  readonly database: Pick<Database, 'backlog' | 'playlistContents'>;
  readonly queues: JobQueues;
}

/** A video that is to be downloaded, in the round that its record has. */
export interface Download {
  readonly key: VideoKey;
  readonly round: number;
}

/** Who takes turns with whom: each playlist, each source, and these. No playlist or source has such an id. */
export const LISTS = {
  byHand: '#by-hand',
  /** Lines that name a single video. */
  single: '#single',
  /** Videos whose last round failed, or whose job was lost. */
  again: '#again',
} as const;

interface AddDownloadsOptions {
  /** The playlist or source that they came with, or one of LISTS. */
  readonly list: string;
  /** Besides those that the settings of their playlists give; BY_HAND comes before all. */
  readonly priority?: number;
}

/**
 * Puts videos into the backlog and fills the window of jobs from it. Their records come first and say `discovered`: a crash
 * before this leaves videos without a place or a job, which reconcile finds. Safe to repeat.
 * @throws OperatorError when Redis does not answer: what has its place by then gets its job later.
 */
export async function addDownloads(
  downloads: readonly Download[],
  { list, priority }: AddDownloadsOptions,
  { database, queues }: BacklogDependencies,
): Promise<void> {
  if (downloads.length === 0) return;
  const { backlog, playlistContents } = database;
  const own =
    priority === BY_HAND
      ? new Map<string, number>()
      : await playlistContents.priorities(downloads.map(({ key }) => videoDocumentId(key)));
  const wanted = downloads.map((download) => ({
    ...download,
    priority: strongestPriority(priority, own.get(videoDocumentId(download.key))),
  }));
  const missing = await withoutPlace(wanted, { database, queues });
  const window = new DownloadWindow(queues);
  const waiting: WaitingVideo[] = [];
  for (const [strongest, group] of Map.groupBy(missing, (download) => download.priority)) {
    const first = await window.reserveTurns(strongest, list, group.length, () =>
      backlog.firstTurn(strongest),
    );
    for (const [index, { key, round }] of group.entries()) {
      waiting.push({ key, round, priority: strongest, turn: first + index });
    }
  }
  if (waiting.length > 0) await backlog.put(waiting);
  await fillWindow({ database, queues });
}

/** Those that neither wait in the backlog nor have a job, or only with a weaker priority. */
async function withoutPlace<T extends Download & { readonly priority: number }>(
  downloads: readonly T[],
  { database, queues }: BacklogDependencies,
): Promise<T[]> {
  const places = await database.backlog.placesOf(downloads.map(({ key }) => key));
  const placeOf = ({ key }: Download) => places.get(videoDocumentId(key));
  const isPlacedBefore = (download: T) => (placeOf(download)?.priority ?? Infinity) <= download.priority;
  const perhaps = downloads.filter(
    (download) => isPlacedBefore(download) && placeOf(download)?.isWaiting === false,
  );
  const ids = perhaps.map(({ key, round }) => stageJobId('download', key, round));
  const presence = ids.length === 0 ? [] : await queues.jobs.presence('download', ids);
  const withJob = new Set(perhaps.filter((_download, index) => presence[index] === 'live'));
  return downloads.filter(
    (download) =>
      !(isPlacedBefore(download) && (placeOf(download)?.isWaiting === true || withJob.has(download))),
  );
}

/** Downloads that a person asked for by name: they come before all others. */
export async function addDownloadsByHand(
  downloads: readonly Download[],
  dependencies: BacklogDependencies,
): Promise<void> {
  await addDownloads(downloads, { list: LISTS.byHand, priority: BY_HAND }, dependencies);
}
