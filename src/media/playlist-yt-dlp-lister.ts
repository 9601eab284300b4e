import type { EgressAddress } from '../domain/egress-address.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { MediaConfig } from '../config/config.ts';
import { runLines, stoppedError, type ChildOutcome } from '../runtime/child-process.ts';
import { interruptionOf } from '../runtime/deadline.ts';
import { JobError, PermanentError, toError } from '../domain/job-errors.ts';
import { EventChannel } from './playlist-event-channel.ts';
import type { ListingEvent, ListOptions, PlaylistLister, PlaylistReference } from './playlist-listing.ts';
import {
  ENTRY_TEMPLATE,
  LIST_TEMPLATE,
  readListingLine,
  type ListingLine,
} from './playlist-yt-dlp-output.ts';
import { egressArguments, ytDlpArguments } from './yt-dlp-arguments.ts';
import { classifyYtDlpFailure } from './yt-dlp-errors.ts';
import { spawnYtDlp, withCopiedCookies } from './yt-dlp-process.ts';

export type ListerConfig = Pick<MediaConfig, 'ytDlpPath' | 'ytDlpExtraArgs' | 'stallMs' | 'deadlineMs'> & {
  /** Left out: this machine's own address, without cookies. */
  readonly address?: EgressAddress;
};

/** The most entries that are listed; a mix of YouTube is endless. */
export interface ListingCaps {
  readonly entries: number;
  readonly mixEntries: number;
}
const DEFAULT_CAPS: ListingCaps = { entries: 100_000, mixEntries: 2_000 };
/** Entries that may be queued for the reader; with the buffer of the pipe about one page. */
const READ_AHEAD = 16;
/** The last errors and warnings that are kept to classify a failure. */
const KEPT_LINES = 50;
/** Warnings that yt-dlp gave up a page. */
const GIVEN_UP = /Giving up|Incomplete data received|Unable to download/i;
const NOT_LIVE = /not currently live/i;
const LIST_MISSING = /YouTube said: .*(private|not exist|unavailable|unviewable)|HTTP Error 404/i;

/** Lists playlists, channels and mixes with yt-dlp, one process for each listing. */
export function createYtDlpLister(config: ListerConfig, caps: ListingCaps = DEFAULT_CAPS): PlaylistLister {
  return {
    list: (reference, options) => {
      if (reference.tab === 'live') return listBroadcast(config, caps, reference, options);
      return reference.kind === 'channel' && reference.tab === undefined
        ? listChannel(config, caps, reference, options)
        : listUrl(config, capOf(reference, caps), reference.url, options);
    },
  };
}

/** The address leads to the video that the channel broadcasts at the moment; usually there is none. */
async function* listBroadcast(
  config: ListerConfig,
  caps: ListingCaps,
  { url }: PlaylistReference,
  options: ListOptions,
): AsyncGenerator<ListingEvent> {
  try {
    // yt-dlp reads the video itself, which need not be playable yet.
    yield* listUrl(config, caps.entries, url, options, ['--ignore-no-formats-error']);
  } catch (error) {
    if (!(error instanceof JobError && NOT_LIVE.test(error.message))) throw error;
  }
}

function capOf(reference: PlaylistReference, caps: ListingCaps): number {
  return reference.url.includes('/watch?') ? caps.mixEntries : caps.entries;
}

/**
 * All uploads of a channel are a playlist that announces its length and is in the order of publication; its id is that of
 * the channel with UU for UC. A channel without one, or to be listed by its tabs, is listed by its page.
 */
async function* listChannel(
  config: ListerConfig,
  caps: ListingCaps,
  reference: PlaylistReference,
  options: ListOptions,
): AsyncGenerator<ListingEvent> {
  const id = options.byTabs === true ? undefined : await channelIdOf(config, reference, options.signal);
  if (id !== undefined) {
    let isListed = false;
    try {
      const url = `https://www.youtube.com/playlist?list=UU${id.slice(2)}`;
      for await (const event of listUrl(config, caps.entries, url, options)) {
        isListed = true;
        yield event;
      }
      return;
    } catch (error) {
      const isMissing = error instanceof JobError && error.errorClass === 'playlist_missing';
      if (isListed || !isMissing) throw error;
    }
  }
  yield* listUrl(config, caps.entries, reference.url, options);
}

/** @throws PermanentError `playlist_missing` when the channel does not exist. */
async function channelIdOf(
  config: ListerConfig,
  reference: PlaylistReference,
  signal: AbortSignal,
): Promise<string | undefined> {
  const given = /\/channel\/(UC[\w-]{22})$/.exec(reference.url)?.[1];
  if (given !== undefined) return given;
  let found: string | undefined;
  const listing = await runListing(config, ['--playlist-items', '0'], reference.url, signal, (line) => {
    if (line.type === 'list') found ??= line.channelId;
    return undefined;
  });
  if (found === undefined && listing.errors.length > 0) throw listingError(listing);
  return found !== undefined && /^UC[\w-]{22}$/.test(found) ? found : undefined;
}

async function* listUrl(
  config: ListerConfig,
  cap: number,
  url: string,
  options: ListOptions,
  call: readonly string[] = [],
): AsyncGenerator<ListingEvent> {
  const channel = new EventChannel<ListingLine>(READ_AHEAD);
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const run = runListing(config, call, url, signal, (line) => channel.push(line));
  run.then(
    () => {
      channel.end();
    },
    (error: unknown) => {
      channel.end(toError(error));
    },
  );
  let position = 0;
  let announced = '';
  try {
    for await (const line of channel.read()) {
      if (line.type === 'problem') {
        yield line;
        continue;
      }
      // The last line repeats the header of the entries.
      const header = JSON.stringify(line.header);
      if (header !== announced && (line.type !== 'list' || position === 0)) {
        announced = header;
        yield { type: 'playlist', ...line.header };
      }
      if (line.type === 'list') continue;
      if (position >= cap) {
        yield {
          type: 'problem',
          reason: `the list has more than ${String(cap)} entries; the rest was not listed`,
        };
        return;
      }
      position += 1;
      if (line.type === 'nested') {
        yield { type: 'nested', playlist: line.playlist };
        continue;
      }
      yield { type: 'entry', entry: { ...line.entry, position } };
      if (position >= (options.newest ?? Infinity)) return;
    }
    yield* reportEnd(await run, position, options.signal);
  } finally {
    stop.abort();
    channel.end();
    await run.catch(() => undefined);
  }
}

interface EndedListing extends ChildOutcome {
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/** Runs yt-dlp once and passes each line to `onLine`, whose promise stops the reading until it is done. */
async function runListing(
  config: ListerConfig,
  call: readonly string[],
  url: string,
  signal: AbortSignal,
  onLine: (line: ListingLine) => Promise<void> | undefined,
): Promise<EndedListing> {
  const extraArguments = egressArguments(config.address, config.ytDlpExtraArgs);
  const hasCookies = extraArguments.some((argument) => argument.startsWith('--cookies'));
  const directory = hasCookies ? await mkdtemp(path.join(tmpdir(), 'sonotheque-list-')) : undefined;
  try {
    const ytDlpExtraArgs =
      directory === undefined ? extraArguments : await withCopiedCookies(extraArguments, directory);
    const errors: string[] = [];
    const warnings: string[] = [];
    const outcome = await runLines(
      spawnYtDlp(config.ytDlpPath, ytDlpArguments([...LISTING_CALL, ...call], { ytDlpExtraArgs }, url), {
        proxy: config.address?.proxy,
      }),
      {
        signal,
        stallMs: config.stallMs,
        deadlineMs: config.deadlineMs,
        onStdoutLine: (text) => {
          const line = readListingLine(text);
          return line === undefined ? undefined : onLine(line);
        },
        onStderrLine: (text) => {
          const lines = text.startsWith('ERROR') ? errors : warnings;
          lines.push(text);
          if (lines.length > KEPT_LINES) lines.shift();
          return undefined;
        },
      },
    );
    return { ...outcome, errors, warnings };
  } finally {
    if (directory !== undefined) await rm(directory, { recursive: true, force: true });
  }
}

const LISTING_CALL: readonly string[] = [
  '--flat-playlist',
  '--lazy-playlist',
  '--extractor-retries',
  '2',
  // Makes dates of ages such as "2 years ago"; only a filter uses them.
  '--extractor-args',
  'youtubetab:approximate_date',
  '--print',
  ENTRY_TEMPLATE,
  '--print',
  LIST_TEMPLATE,
];

/** A failed listing with entries yields a problem; without any it throws. */
function* reportEnd(ended: EndedListing, found: number, signal: AbortSignal): Generator<ListingEvent> {
  if (signal.aborted) throw interruptionOf(signal);
  const gaveUp = ended.errors.length > 0 || ended.warnings.some((line) => GIVEN_UP.test(line));
  const stopped = stoppedError(ended, signal, 'yt-dlp', 'DOWNLOAD_DEADLINE_SECONDS');
  if (stopped === undefined && ended.exitCode === 0 && !gaveUp) return;
  const error = stopped ?? listingError(ended);
  // A failure of this address or machine concerns the next page too: the whole listing is tried again.
  if (found === 0 || error.outcome === 'throttled' || error.outcome === 'operator') throw error;
  yield { type: 'problem', reason: error.message };
}

function listingError(ended: EndedListing): JobError {
  const error = classifyYtDlpFailure([...ended.warnings, ...ended.errors], ended.exitCode);
  if (ended.errors.some((line) => LIST_MISSING.test(line)) && error.outcome !== 'throttled') {
    return new PermanentError('playlist_missing', error.message, { cause: error });
  }
  return error;
}
