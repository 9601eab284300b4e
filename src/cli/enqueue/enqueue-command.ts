import type { Config } from '../../config/config.ts';
import { hasAccountCookies } from '../../config/account-cookies.ts';
import type { Database } from '../../database/database.ts';
import {
  admissionOf,
  playlistsRemovedFromFile,
  readmitPlaylist,
  recordPlaylistFile,
  removedLines,
} from '../../operations/playlist-file.ts';
import { parsePlaylistLines } from '../../producers/playlist-lines.ts';
import { createPlaylistLister } from '../../media/playlist-lister.ts';
import { createYtDlpLister } from '../../media/playlist-yt-dlp-lister.ts';
import type { PlaylistReference } from '../../media/playlist-listing.ts';
import { expandPlaylist, previewPlaylist } from '../../producers/expand-playlist.ts';
import type { Expansion } from '../../producers/expansion-tally.ts';
import { definedFields } from '../../domain/defined-fields.ts';
import { BY_HAND } from '../../domain/download-priority.ts';
import { SnoozeError, toJobError } from '../../domain/job-errors.ts';
import { createLogger } from '../../runtime/logger.ts';
import { createProgress } from '../../runtime/progress-bar.ts';
import { plainText } from '../../text/plain-text.ts';
import { formatDuration } from '../../text/units.ts';
import { openEgress } from '../../egress/egress.ts';
import { createRateLimitedLister } from '../../egress/rate-limited-lister.ts';
import { commandActor } from '../command/actor.ts';
import { printMessage, printResult } from '../command/output.ts';
import type { CloseAtEnd } from '../command/run-command.ts';
import { openRecords, openServers } from '../command/servers.ts';
import { ARGUMENT, linesOfInputs } from './enqueue-inputs.ts';
import type { EnqueueOptions } from './enqueue-options.ts';
import {
  failureLine,
  leftAloneLine,
  MAX_TEXT_LENGTH,
  placeOf,
  readmittedLine,
  sumExpansions,
  summaryLine,
  totalsLine,
  type EnqueueReport,
  type FailedExpansion,
  type LeftPlaylist,
  type RefusedLine,
} from './enqueue-report.ts';

/** Shorter delays, as between two starts, are not worth a line. */
const MIN_SHOWN_DELAY_MS = 15_000;

interface Producer {
  readonly expand: Expand;
  /** Undefined for a preview without MongoDB. */
  readonly database: Database | undefined;
}

type Expand = (
  reference: PlaylistReference,
  onProgress: (soFar: Expansion) => void,
  /** Whether the command line names it, not a file. */
  isArgument: boolean,
) => Promise<Expansion>;

/**
 * Reads lines, expands the playlist of each and prints a report.
 * @returns the exit code: 1 when a line was invalid or a playlist failed
 */
export async function enqueue(
  config: Config,
  options: EnqueueOptions,
  signal: AbortSignal,
  closeAtEnd: CloseAtEnd,
): Promise<number> {
  const open = options.dryRun ? openPreview : openExpansion;
  const producer = await open(config, options, signal, closeAtEnd);
  const report = await expandAll(config, options, producer, signal);
  if (options.json) console.log(JSON.stringify(report));
  return report.failed.length + report.refusedLines.length > 0 ? 1 : 0;
}

async function openExpansion(
  config: Config,
  options: EnqueueOptions,
  signal: AbortSignal,
  closeAtEnd: CloseAtEnd,
): Promise<Producer> {
  const purpose = { name: 'sonotheque-enqueue', writes: true };
  const { database, queues } = await openServers(config, purpose, closeAtEnd);
  const logger = createLogger(config.logLevel);
  const egress = openEgress(config, queues, logger);
  const ytDlp = createRateLimitedLister(egress, (address) => createYtDlpLister({ ...config.media, address }));
  const lister = createPlaylistLister(config, logger, ytDlp);
  const { filters, intervalMs } = config.playlists;
  const { force, priority, filters: overrides } = options;
  const expand: Expand = (reference, onProgress, isArgument) =>
    retryAfterRest(reference, signal, () =>
      expandPlaylist(
        reference,
        definedFields({
          ...{ database, queues, lister, filters, overrides, intervalMs, force, signal, onProgress },
          // A video that somebody names comes first anyway.
          priority: isArgument && reference.kind === 'video' ? BY_HAND : priority,
        }),
      ),
    );
  return { expand, database };
}

/** A listing is a start like those of the workers: the command waits until an egress address may be used, and says so. */
async function retryAfterRest<T>(
  reference: PlaylistReference,
  signal: AbortSignal,
  expand: () => Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      return await expand();
    } catch (error) {
      if (!(error instanceof SnoozeError) || signal.aborted) throw error;
      if (error.delayMs >= MIN_SHOWN_DELAY_MS) {
        console.error(`${reference.id}: waiting ${formatDuration(error.delayMs / 1_000)}. ${error.message}`);
      }
      await error.waitUntilReady?.(signal);
    }
  }
}

async function openPreview(
  config: Config,
  { filters: overrides }: EnqueueOptions,
  signal: AbortSignal,
  closeAtEnd: CloseAtEnd,
): Promise<Producer> {
  const purpose = { name: 'sonotheque-enqueue', writes: false };
  const database = await openRecords(config, purpose, closeAtEnd).catch(() => {
    console.error('MongoDB cannot be reached, so known videos count as new.');
    return undefined;
  });
  // A preview works without Redis, which has the budgets of the egress addresses; it does not wait for one.
  const [address] = config.egress.addresses;
  const ytDlp = createYtDlpLister({ ...config.media, address });
  const lister = createPlaylistLister(config, createLogger(config.logLevel), ytDlp);
  const expand: Expand = (reference, onProgress) =>
    previewPlaylist(reference, {
      ...{ database, lister, signal, onProgress },
      ...{ filters: config.playlists.filters, overrides },
    });
  return { expand, database };
}

async function expandAll(
  config: Config,
  options: EnqueueOptions,
  { expand, database }: Producer,
  signal: AbortSignal,
): Promise<EnqueueReport> {
  const { dryRun, json } = options;
  const playlists: Expansion[] = [];
  const failed: FailedExpansion[] = [];
  const refusedLines: RefusedLine[] = [];
  const leftAlone: LeftPlaylist[] = [];
  const named: PlaylistReference[] = [];
  // With --json, standard output is kept for the report.
  const say = (text: string) => {
    if (json) printMessage(text);
    else printResult(false, undefined, text);
  };
  const lines = linesOfInputs(options.inputs, config.playlists.file, { stdin: process.stdin, signal });
  let validLines = 0;
  const expanded = new Set<string>();
  /** Expands a playlist, and the playlists that it contains if it is a list of playlists. */
  const expandWhole = async (reference: PlaylistReference, isArgument: boolean): Promise<void> => {
    if (expanded.has(reference.id) || signal.aborted) return;
    expanded.add(reference.id);
    const outcome = await expandOne(reference, expand, isArgument);
    if ('found' in outcome) {
      playlists.push(outcome);
      say(summaryLine(outcome, dryRun));
      for (const playlist of outcome.playlists) await expandWhole(playlist, isArgument);
    } else if (outcome.error.class === 'shutdown') {
      console.error(`${outcome.id}: interrupted; the videos found so far are kept.`);
    } else {
      failed.push(outcome);
      say(failureLine(outcome));
    }
  };
  const personalLists = hasAccountCookies(config);
  for await (const parsed of parsePlaylistLines(lines, { personalLists })) {
    if (signal.aborted) break;
    const place = placeOf(parsed.line);
    if (parsed.type === 'problem') {
      const { source, number } = parsed.line;
      const text = plainText(parsed.line.text, MAX_TEXT_LENGTH);
      refusedLines.push({ source, number, text, reason: parsed.reason });
      console.error(`${place}: "${text}" ${parsed.reason}.`);
      continue;
    }
    validLines += 1;
    if (parsed.type === 'duplicate') {
      console.error(`${place}: the same as ${placeOf(parsed.first)}; expanded once.`);
      continue;
    }
    named.push(parsed.reference);
    const admission = database === undefined ? 'wanted' : await admissionOf(parsed.reference.id, database);
    if (database !== undefined && admission !== 'wanted') {
      const { id } = parsed.reference;
      if (parsed.line.source !== ARGUMENT) {
        leftAlone.push({ id, state: admission });
        printMessage(leftAloneLine(place, id, admission));
        continue;
      }
      // Who names it on the command line wants it.
      if (!dryRun) await readmitPlaylist(id, commandActor(), database);
      console.error(readmittedLine(place, id, admission, dryRun));
    }
    await expandWhole(parsed.reference, parsed.line.source === ARGUMENT);
  }
  const isFile = options.inputs.length === 0;
  if (isFile && database !== undefined && !dryRun) await recordPlaylistFile(named, database);
  const removed =
    isFile && database !== undefined && !signal.aborted
      ? await playlistsRemovedFromFile(database, config.playlists.file)
      : [];
  if (removed.length > 0) printMessage(removedLines(removed, config.playlists.file));
  if (validLines + refusedLines.length === 0 && !signal.aborted) console.error('No playlists to expand.');
  const totals = sumExpansions(playlists);
  if (playlists.length > 1) say(totalsLine(playlists.length, totals, dryRun));
  const interrupted = signal.aborted;
  return {
    dryRun,
    interrupted,
    playlists,
    failed,
    refusedLines,
    leftAlone,
    removedFromFile: removed,
    totals,
  };
}

async function expandOne(
  reference: PlaylistReference,
  expand: Expand,
  isArgument: boolean,
): Promise<Expansion | FailedExpansion> {
  // A single video is done in one step.
  const progress =
    reference.kind === 'video' ? undefined : createProgress({ label: reference.id, unit: 'entries' });
  try {
    const onProgress = ({ found, announced, new: fresh }: Expansion) => {
      if (announced !== undefined) progress?.setTotal(announced);
      progress?.note(() => `${String(fresh)} new`);
      progress?.update(found);
    };
    return await expand(reference, onProgress, isArgument);
  } catch (thrown) {
    const error = toJobError(thrown);
    return {
      id: reference.id,
      url: reference.url,
      error: { class: error.errorClass, message: error.message, advice: error.advice },
    };
  } finally {
    progress?.stop();
  }
}
