import type { SkipReason } from '../domain/video-status.ts';
import type { Database } from '../database/database.ts';
import type { DiscoveredVideo } from '../database/discovered-video.ts';
import type { PlaylistEntry, PlaylistReference } from '../media/playlist-listing.ts';
import type { AddOptions, JobQueues } from '../queues/job-queues.ts';
import type { JobError } from '../domain/job-errors.ts';
import type { VideoKey } from '../domain/video-key.ts';
import type { Expansion } from './expansion-tally.ts';
import { FIRST_PASS_LIMIT_MS, nextPassAfterFailure } from './next-pass.ts';
import { retryWhileUnavailable } from './retry-while-unavailable.ts';

/** An entry and what the filters said of it. */
export interface FilteredEntry {
  readonly entry: PlaylistEntry;
  readonly skipReason: SkipReason | undefined;
}

/** What became of a batch; all counts are of accepted videos. */
export interface BatchCounts {
  readonly new: number;
  readonly reopened: number;
}

/** Where the finds of an expansion go. */
export interface ExpansionRecord {
  begin(): Promise<void>;
  describe(header: { readonly title?: string; readonly announcedCount?: number }): Promise<void>;
  /** Records a batch and adds its jobs; safe to repeat. */
  take(batch: readonly FilteredEntry[]): Promise<BatchCounts>;
  end(result: Expansion, isWhole: boolean): Promise<void>;
  fail(error: JobError): Promise<void>;
}

/** What recording needs. */
export interface RecordOptions extends AddOptions {
  readonly database: Database;
  readonly queues: JobQueues;
  readonly intervalMs: number;
  readonly force: boolean;
  readonly startedAt: Date;
  readonly signal: AbortSignal;
}

/**
 * Records in MongoDB first, then adds the jobs: a crash between the two is repaired by the next pass. Each step waits
 * for a server that is away for moments.
 */
export function openRecord(reference: PlaylistReference, options: RecordOptions): ExpansionRecord {
  const { database, queues, intervalMs, startedAt, signal } = options;
  const { playlists, videos } = database;
  // A single video is no list: nothing to expand again, nothing to compare.
  const isList = reference.kind !== 'video';
  const through = <T>(step: () => Promise<T>) => retryWhileUnavailable(step, signal);
  return {
    begin: async () => {
      if (!isList) return;
      const limit = new Date(startedAt.getTime() + FIRST_PASS_LIMIT_MS);
      await through(() => playlists.register(reference, limit));
    },
    describe: async (header) => {
      if (isList) await through(() => playlists.describe(reference.id, header));
    },
    take: async (batch) => {
      let states = await through(() => videos.discover(batch.map(discoveredVideo)));
      const accepted = new Set(
        batch.filter(({ skipReason }) => skipReason === undefined).map(({ entry }) => entry.videoId),
      );
      const isAccepted = ({ key }: { readonly key: VideoKey }) => accepted.has(key.videoId);
      const counts = {
        new: states.filter((state) => state.isNew && isAccepted(state)).length,
        reopened: 0,
      };
      if (options.force) {
        const known = states.filter((state) => !state.isNew && isAccepted(state)).map(({ key }) => key);
        counts.reopened = await through(() => videos.reopen(known, startedAt));
        const now = await through(() => videos.states(known));
        states = [
          ...states.filter((state) => state.isNew),
          ...now.map((state) => ({ ...state, isNew: false })),
        ];
      }
      if (isList) {
        const items = batch.map(({ entry }) => ({ key: keyOf(entry), position: entry.position }));
        await through(() => playlists.recordItems(reference.id, items, startedAt));
      }
      const waiting = states.filter((state) => state.status === 'discovered');
      const priority = options.priority === undefined ? {} : { priority: options.priority };
      await through(() => queues.addStages('download', waiting, priority));
      return counts;
    },
    end: async (result, isWhole) => {
      if (!isList) return;
      const expansion = {
        ...(result.title === undefined ? {} : { title: result.title }),
        ...(result.announced === undefined ? {} : { announcedCount: result.announced }),
        foundCount: result.found,
        complete: result.complete,
        isWhole,
        nextExpandAt: new Date(Date.now() + intervalMs),
      };
      await through(() => playlists.recordExpansion(reference.id, startedAt, expansion));
    },
    fail: async (error) => {
      if (!isList) return;
      const failedPasses = (await playlists.find(reference.id))?.failed_passes ?? 0;
      await playlists.recordFailure(
        reference.id,
        error,
        nextPassAfterFailure(error, failedPasses, intervalMs, new Date()),
      );
    },
  };
}

/** Records nothing; with a database it still tells which videos are known. */
export function openDryRecord(database: Database | undefined): ExpansionRecord {
  const nothing = () => Promise.resolve();
  return {
    begin: nothing,
    describe: nothing,
    end: nothing,
    fail: nothing,
    take: async (batch) => {
      const accepted = batch.filter(({ skipReason }) => skipReason === undefined);
      const known = (await database?.videos.states(accepted.map(({ entry }) => keyOf(entry)))) ?? [];
      return { new: accepted.length - known.length, reopened: 0 };
    },
  };
}

function keyOf(entry: PlaylistEntry): VideoKey {
  return { provider: 'youtube', videoId: entry.videoId };
}

function discoveredVideo({ entry, skipReason }: FilteredEntry): DiscoveredVideo {
  return {
    key: keyOf(entry),
    ...entry.metadata,
    ...(skipReason === undefined ? {} : { skipReason }),
  };
}
