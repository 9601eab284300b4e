import { addDownloads, LISTS } from '../backlog/add-downloads.ts';
import type { Database } from '../database/database.ts';
import type { DiscoveredVideo } from '../database/discovered-video.ts';
import { definedFields } from '../domain/defined-fields.ts';
import type { JobError } from '../domain/job-errors.ts';
import type { VideoKey } from '../domain/video-key.ts';
import type { SkipReason } from '../domain/video-status.ts';
import type { PlaylistEntry, PlaylistReference } from '../media/playlist-listing.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import type { Expansion, NestedPlaylist } from './expansion-tally.ts';
import { retryWhileUnavailable } from './retry-while-unavailable.ts';
import { FIRST_EXPANSION_LIMIT_MS, recordExpansionFailure } from './schedule.ts';

/** An entry, and why the filters skip it; undefined for accepted entries. */
export interface FilteredEntry {
  readonly entry: PlaylistEntry;
  readonly skipReason: SkipReason | undefined;
}

interface BatchCounts {
  readonly new: number;
  readonly reopened: number;
  readonly leftOut: number;
}

/** Records the course of an expansion. */
export interface ExpansionRecorder {
  start(): Promise<void>;
  recordHeader(header: { readonly title?: string; readonly announcedCount?: number }): Promise<void>;
  /**
   * Records a batch and adds its jobs; safe to repeat.
   * @returns how many of its accepted videos are new, were reopened, and are left out because a person skipped them.
   */
  recordBatch(batch: readonly FilteredEntry[]): Promise<BatchCounts>;
  /** Whether the playlist is still wanted: false once a person pauses or forgets it. */
  isWanted(): Promise<boolean>;
  /**
   * Records the playlists that a list of playlists contains.
   * @returns those that are enabled.
   */
  recordPlaylists(batch: readonly PlaylistReference[]): Promise<NestedPlaylist[]>;
  /** How many entries earlier listings found that have not been removed since. */
  countKnown(): Promise<number>;
  /** @param isWhole false when only the newest entries were requested. */
  finish(result: Expansion, isWhole: boolean): Promise<void>;
  fail(error: JobError): Promise<void>;
}

export interface RecorderOptions {
  readonly database: Database;
  readonly queues: JobQueues;
  /** How often the playlist is expanded. */
  readonly intervalMs: number;
  /** Reopens stored, failed and skipped videos in a new round. */
  readonly force?: boolean;
  /** Of the downloads (src/domain/download-priority.ts), where the settings of no playlist give a stronger one. */
  readonly priority?: number;
  readonly signal: AbortSignal;
}

/**
 * Records in MongoDB first, then adds the jobs: the next expansion repairs a crash between the two. Steps are retried
 * while a server is unavailable.
 */
export function createRecorder(reference: PlaylistReference, options: RecorderOptions): ExpansionRecorder {
  const { database, queues, intervalMs, force = false, priority, signal } = options;
  const { playlists, repairs, videos } = database;
  const startedAt = new Date();
  const expandAt = new Date(startedAt.getTime() + FIRST_EXPANSION_LIMIT_MS);
  // A single video is not recorded as a playlist: there is nothing to expand again or to compare.
  const isList = reference.kind !== 'video';
  const takenInBy = isList ? reference.id : undefined;
  const retried = <T>(step: () => Promise<T>) => retryWhileUnavailable(step, signal);
  return {
    start: async () => {
      if (isList) await retried(() => playlists.register(reference, expandAt));
    },
    recordHeader: async (header) => {
      if (isList) await retried(() => playlists.describe(reference.id, header));
    },
    recordBatch: async (batch) => {
      let states = await retried(() =>
        videos.discover(batch.map((filtered) => toDiscoveredVideo(filtered, takenInBy))),
      );
      const accepted = new Set(acceptedOf(batch).map(({ entry }) => entry.videoId));
      const isAccepted = ({ key }: { readonly key: VideoKey }) => accepted.has(key.videoId);
      const isNew = states.filter((state) => state.isNew && isAccepted(state)).length;
      let reopened = 0;
      if (force) {
        const known = states.filter((state) => !state.isNew && isAccepted(state));
        reopened = await retried(() => repairs.reopen(known, startedAt));
        const current = await retried(() => videos.states(known.map(({ key }) => key)));
        states = [
          ...states.filter((state) => state.isNew),
          ...current.map((state) => ({ ...state, isNew: false })),
        ];
      }
      if (isList) {
        const items = batch.map(({ entry }) => ({ key: keyOf(entry), position: entry.position }));
        await retried(() => playlists.recordItems(reference.id, items, startedAt));
      }
      const waiting = states.filter(({ status }) => status === 'discovered');
      const list = takenInBy ?? LISTS.single;
      await retried(() => addDownloads(waiting, definedFields({ list, priority }), { database, queues }));
      // Filters have skipped none of the accepted videos, so a person has.
      const leftOut = states.filter((state) => state.status === 'skipped' && isAccepted(state)).length;
      return { new: isNew, reopened, leftOut };
    },
    isWanted: async () =>
      !isList || (await retried(() => playlists.findById(reference.id)))?.enabled !== false,
    recordPlaylists: async (batch) => {
      const found = await retried(() => playlists.registerNested(reference.id, batch, expandAt));
      const states = new Map(found.map((state) => [state.id, state]));
      return batch.flatMap((playlist) => {
        const state = states.get(playlist.id);
        return state?.enabled === true ? [{ ...playlist, isNew: state.isNew }] : [];
      });
    },
    countKnown: async () => (isList ? await retried(() => playlists.countKnown(reference.id)) : 0),
    finish: async ({ title, announced, found, complete }, isWhole) => {
      if (!isList) return;
      const nextExpandAt = new Date(Date.now() + intervalMs);
      const result = { title, announcedCount: announced, foundCount: found, complete, isWhole, nextExpandAt };
      await retried(() => playlists.recordExpansion(reference.id, startedAt, definedFields(result)));
    },
    fail: async (error) => {
      if (isList) await recordExpansionFailure(options, reference.id, error);
    },
  };
}

/** Records nothing. With a database, it finds out what is known. */
export function createPreviewRecorder(
  { id }: PlaylistReference,
  database: Database | undefined,
): ExpansionRecorder {
  const nothing = () => Promise.resolve();
  return {
    start: nothing,
    recordHeader: nothing,
    finish: nothing,
    fail: nothing,
    isWanted: () => Promise.resolve(true),
    recordPlaylists: async (batch) => {
      const known = (await database?.playlists.nestedStates(batch.map((playlist) => playlist.id))) ?? [];
      const states = new Map(known.map((state) => [state.id, state]));
      return batch
        .filter((playlist) => states.get(playlist.id)?.enabled !== false)
        .map((playlist) => ({ ...playlist, isNew: !states.has(playlist.id) }));
    },
    countKnown: async () => (await database?.playlists.countKnown(id)) ?? 0,
    recordBatch: async (batch) => {
      const accepted = acceptedOf(batch);
      const known = (await database?.videos.states(accepted.map(({ entry }) => keyOf(entry)))) ?? [];
      return { new: accepted.length - known.length, reopened: 0, leftOut: 0 };
    },
  };
}

function acceptedOf(batch: readonly FilteredEntry[]): FilteredEntry[] {
  return batch.filter(({ skipReason }) => skipReason === undefined);
}

function keyOf(entry: PlaylistEntry): VideoKey {
  return { provider: 'youtube', videoId: entry.videoId };
}

function toDiscoveredVideo(
  { entry, skipReason }: FilteredEntry,
  takenInBy: string | undefined,
): DiscoveredVideo {
  return { key: keyOf(entry), ...entry.metadata, ...definedFields({ skipReason, takenInBy }) };
}
