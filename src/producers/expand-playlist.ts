import type { Database } from '../database/database.ts';
import { definedFields } from '../domain/defined-fields.ts';
import { toJobError } from '../domain/job-errors.ts';
import type { ListingEvent, PlaylistLister, PlaylistReference } from '../media/playlist-listing.ts';
import { interruptionOf } from '../runtime/deadline.ts';
import { toBatches } from './batches.ts';
import {
  createPreviewRecorder,
  createRecorder,
  type ExpansionRecorder,
  type FilteredEntry,
  type RecorderOptions,
} from './expansion-recorder.ts';
import { ExpansionTally, type Expansion } from './expansion-tally.ts';
import { filtersOfSettings, skipReasonOf, type EntryFilters } from './filters.ts';
import { retryWhileUnavailable } from './retry-while-unavailable.ts';

/**
 * The first entries are recorded at once, so that their downloads start; then large enough to be worth the round trips. The listing
 * goes on meanwhile.
 */
const BATCH = { enough: 100, most: 250, waitMs: 250 };

interface PreviewOptions {
  readonly lister: PlaylistLister;
  /** Those of the environment, for what the playlist's own settings do not say. */
  readonly filters: EntryFilters;
  /** Of this reading only: they come before the settings of the playlist. */
  readonly overrides?: Partial<EntryFilters>;
  readonly signal: AbortSignal;
  readonly onProgress?: (soFar: Expansion) => void;
}

export interface ExpandOptions extends PreviewOptions, RecorderOptions {}

/**
 * Lists a playlist (or channel, or single video) and adds download jobs for its videos while the listing runs: each
 * batch is recorded and its jobs are added before more is read. The playlists of a list of playlists become playlists of
 * their own, each expanded, tried again and paused by itself, so that one that fails does not hold up the others; the
 * caller expands them. Safe to repeat: known videos get no second job.
 * @throws JobError when the listing fails. The failure is recorded and the playlist expanded again later; the videos
 *   found before it are kept.
 */
export async function expandPlaylist(
  reference: PlaylistReference,
  options: ExpandOptions,
): Promise<Expansion> {
  const filters = await filtersFor(reference, options.database, options);
  return await expand(reference, { ...options, filters }, createRecorder(reference, options));
}

/** Shows what `expandPlaylist` would do and changes nothing. Without a database, all videos count as new. */
export async function previewPlaylist(
  reference: PlaylistReference,
  options: PreviewOptions & { readonly database: Database | undefined },
): Promise<Expansion> {
  const filters = await filtersFor(reference, options.database, options);
  return await expand(reference, { ...options, filters }, createPreviewRecorder(reference, options.database));
}

/** The filters of the environment, changed by the settings of the playlist, changed by those of this reading. */
async function filtersFor(
  { id }: PlaylistReference,
  database: Database | undefined,
  { filters, overrides, signal }: PreviewOptions,
): Promise<EntryFilters> {
  const playlist = database && (await retryWhileUnavailable(() => database.playlists.findById(id), signal));
  return { ...filters, ...filtersOfSettings(playlist?.settings), ...overrides };
}

async function expand(
  reference: PlaylistReference,
  { filters, signal, lister, onProgress }: PreviewOptions,
  recorder: ExpansionRecorder,
): Promise<Expansion> {
  const { newest } = filters;
  const tally = new ExpansionTally(reference);
  // While the listing starts, which takes longer.
  const started = recorder.start();
  started.catch(() => undefined);
  try {
    const byTabs = !filters.live || !filters.shorts;
    const events = lister.list(reference, definedFields({ signal, byTabs, newest }));
    for await (const batch of toBatches(events, BATCH)) {
      await started;
      if (!(await recorder.isWanted())) {
        tally.addProblem('a person paused or forgot it while it was read');
        return tally.result(false);
      }
      await expandBatch(batch, tally, filters, recorder);
      onProgress?.(tally.result(false));
      if (signal.aborted) throw interruptionOf(signal);
    }
    await started;
    if (signal.aborted) throw interruptionOf(signal);
    await checkEmpty(reference, tally, recorder);
    const result = tally.result(true, newest);
    await recorder.finish(result, newest === undefined || tally.found < newest);
    return result;
  } catch (thrown) {
    const error = signal.aborted ? interruptionOf(signal) : toJobError(thrown);
    // An interruption or a snooze is not a failure of the playlist: its job or the next command continues.
    if (error.outcome !== 'interrupted' && error.outcome !== 'snooze') {
      await started.catch(() => undefined);
      await recorder.fail(error);
    }
    throw error;
  }
}

/** Sites sometimes show a list as empty for a while, without an error: its videos are not taken for removed. */
async function checkEmpty(
  { tab }: PlaylistReference,
  tally: ExpansionTally,
  recorder: ExpansionRecorder,
): Promise<void> {
  // A channel broadcasts nothing most of the time.
  if (tally.found > 0 || tab === 'live') return;
  const known = await recorder.countKnown();
  if (known > 0) {
    tally.addProblem(`the list is empty, and earlier listings found ${String(known)} in it, which are kept`);
  }
}

async function expandBatch(
  batch: readonly ListingEvent[],
  tally: ExpansionTally,
  filters: EntryFilters,
  recorder: ExpansionRecorder,
): Promise<void> {
  const entries: FilteredEntry[] = [];
  const nested: PlaylistReference[] = [];
  for (const event of batch) {
    switch (event.type) {
      case 'playlist':
        tally.title = event.title ?? tally.title;
        tally.announced = event.announcedCount ?? tally.announced;
        await recorder.recordHeader(event);
        break;
      case 'problem':
        tally.addProblem(event.reason);
        break;
      case 'nested':
        if (!tally.addFound(event.playlist.id)) nested.push(event.playlist);
        break;
      case 'entry': {
        const { entry } = event;
        const isRepeated = tally.addFound(entry.videoId);
        if (!isRepeated) entries.push({ entry, skipReason: skipReasonOf(entry, filters) });
      }
    }
  }
  if (nested.length > 0) tally.addPlaylists(await recorder.recordPlaylists(nested));
  if (entries.length === 0) return;
  const counts = await recorder.recordBatch(entries);
  for (const { skipReason } of entries) {
    if (skipReason === undefined) tally.accepted += 1;
    else tally.addSkipped(skipReason);
  }
  tally.new += counts.new;
  tally.reopened += counts.reopened;
  tally.leftOut += counts.leftOut;
}
