import type { PlaylistFilters } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import type { ListingEvent, PlaylistLister, PlaylistReference } from '../media/playlist-listing.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import { interruptionOf } from '../runtime/deadline.ts';
import { toJobError } from '../domain/job-errors.ts';
import { inBatches } from './batches.ts';
import { openDryRecord, openRecord, type ExpansionRecord, type FilteredEntry } from './expansion-record.ts';
import { ExpansionTally, type Expansion } from './expansion-tally.ts';
import { skipReasonOf } from './filters.ts';

/** Small enough for the first jobs to come at once, large enough for one round trip to be worth it. */
const BATCH = { size: 100, idleMs: 250 };

/** What an expansion works with. */
export interface ExpandOptions {
  readonly lister: PlaylistLister;
  readonly filters: PlaylistFilters;
  readonly signal: AbortSignal;
  readonly onProgress?: (soFar: Expansion) => void;
}

/** What an expansion that records works with besides. */
export interface RecordingExpandOptions extends ExpandOptions {
  readonly database: Database;
  readonly queues: JobQueues;
  /** The rhythm in which the playlist is expanded again. */
  readonly intervalMs: number;
  /** Opens finished, failed and skipped videos again, in a new round. */
  readonly force?: boolean;
  /** Of the download jobs; smaller is sooner. */
  readonly priority?: number;
}

/**
 * Lists a playlist (or channel, or single video) and puts its videos on their way while the listing still runs: each
 * batch is recorded and its jobs are waiting before more is read. Safe to repeat: known videos get no second job.
 * @throws JobError when it cannot be listed (recorded, and tried again in time); what was found until then stays.
 */
export async function expandPlaylist(
  reference: PlaylistReference,
  options: RecordingExpandOptions,
): Promise<Expansion> {
  const { database, queues, intervalMs, force = false, priority, signal } = options;
  const startedAt = new Date();
  const record = openRecord(reference, {
    database,
    queues,
    intervalMs,
    force,
    startedAt,
    signal,
    ...(priority === undefined ? {} : { priority }),
  });
  return await expand(reference, options, record);
}

/** Shows what `expandPlaylist` would do and changes nothing. With a database, known videos are told apart. */
export async function previewPlaylist(
  reference: PlaylistReference,
  options: ExpandOptions & { readonly database: Database | undefined },
): Promise<Expansion> {
  return await expand(reference, options, openDryRecord(options.database));
}

async function expand(
  reference: PlaylistReference,
  options: ExpandOptions,
  record: ExpansionRecord,
): Promise<Expansion> {
  const { filters, signal, lister } = options;
  const tally = new ExpansionTally(reference);
  const seen = new Set<string>();
  try {
    await record.begin();
    const events = lister.list(reference, {
      signal,
      byTabs: !filters.live || !filters.shorts,
      ...(filters.newest === undefined ? {} : { newest: filters.newest }),
    });
    for await (const batch of inBatches(events, BATCH)) {
      await takeBatch(batch, { tally, seen, filters, record });
      options.onProgress?.(tally.result(false));
      if (signal.aborted) throw interruptionOf(signal);
    }
    if (signal.aborted) throw interruptionOf(signal);
    const isWhole = filters.newest === undefined || tally.found < filters.newest;
    const result = tally.result(true, filters.newest);
    await record.end(result, isWhole);
    return result;
  } catch (thrown) {
    const error = signal.aborted ? interruptionOf(signal) : toJobError(thrown);
    // An interruption is no failure of the playlist; its job or the next command goes on.
    if (error.outcome !== 'interrupted') await record.fail(error);
    throw error;
  }
}

interface BatchDependencies {
  readonly tally: ExpansionTally;
  readonly seen: Set<string>;
  readonly filters: PlaylistFilters;
  readonly record: ExpansionRecord;
}

async function takeBatch(batch: readonly ListingEvent[], dependencies: BatchDependencies): Promise<void> {
  const { tally, seen, filters, record } = dependencies;
  const judged: FilteredEntry[] = [];
  for (const event of batch) {
    switch (event.type) {
      case 'playlist':
        tally.title = event.title ?? tally.title;
        tally.announced = event.announcedCount ?? tally.announced;
        await record.describe(event);
        break;
      case 'problem':
        tally.problem(event.reason);
        break;
      case 'entry': {
        tally.found += 1;
        if (seen.has(event.entry.videoId)) {
          tally.repeated += 1;
          break;
        }
        seen.add(event.entry.videoId);
        judged.push({ entry: event.entry, skipReason: skipReasonOf(event.entry, filters) });
      }
    }
  }
  if (judged.length === 0) return;
  const counts = await record.take(judged);
  for (const { skipReason } of judged) {
    if (skipReason === undefined) tally.accepted += 1;
    else tally.skip(skipReason);
  }
  tally.new += counts.new;
  tally.reopened += counts.reopened;
}
