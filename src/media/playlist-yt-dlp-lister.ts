import { stoppedError } from '../runtime/child-process.ts';
import { interruptionOf } from '../runtime/deadline.ts';
import { JobError, toError } from '../domain/job-errors.ts';
import { EventChannel } from './playlist-event-channel.ts';
import type {
  ChannelTab,
  ListingEvent,
  ListOptions,
  PlaylistEntry,
  PlaylistLister,
  PlaylistReference,
} from './playlist-listing.ts';
import type { ListingLine } from './playlist-yt-dlp-output.ts';
import { listingError, runListing, type EndedListing, type ListerConfig } from './playlist-yt-dlp-run.ts';

/** The most entries that are listed; a mix of YouTube is endless. */
export interface ListingCaps {
  readonly entries: number;
  readonly mixEntries: number;
}
const DEFAULT_CAPS: ListingCaps = { entries: 100_000, mixEntries: 2_000 };
/** Entries that may be queued for the reader; with the buffer of the pipe about one page. */
const READ_AHEAD = 16;
/** Warnings that yt-dlp gave up a page. */
const GIVEN_UP = /Giving up|Incomplete data received|Unable to download/i;
const LISTS_OF_PLAYLISTS: ReadonlySet<ChannelTab> = new Set(['playlists', 'releases', 'podcasts']);
const NOT_LIVE = /not currently live/i;

/** Lists playlists, channels and mixes with yt-dlp, one process for each listing. */
export function createYtDlpLister(config: ListerConfig, caps: ListingCaps = DEFAULT_CAPS): PlaylistLister {
  return {
    list: (reference, options) => {
      if (reference.tab === 'live') return listBroadcast(config, caps, reference, options);
      if (reference.kind === 'channel' && reference.tab === undefined) {
        return listChannel(config, caps, reference, options);
      }
      const nested = reference.tab !== undefined && LISTS_OF_PLAYLISTS.has(reference.tab);
      return listUrl(config, capOf(reference, caps), reference.url, options, { nested });
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
    // yt-dlp reads the video itself, which need not be playable yet: that is for its download to find out.
    for await (const event of listUrl(config, caps.entries, url, options, {
      call: ['--ignore-no-formats-error'],
    })) {
      if (event.type === 'problem') continue;
      yield event.type === 'entry' ? { ...event, entry: withoutLiveTime(event.entry) } : event;
    }
  } catch (error) {
    if (!(error instanceof JobError && NOT_LIVE.test(error.message))) throw error;
  }
}

/** yt-dlp adds date and time to the title of a running broadcast. */
function withoutLiveTime(entry: PlaylistEntry): PlaylistEntry {
  const title = entry.metadata.title?.replace(/ \d{4}-\d\d-\d\d \d\d:\d\d$/, '');
  return entry.live === 'is_live' && title !== undefined
    ? { ...entry, metadata: { ...entry.metadata, title } }
    : entry;
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

interface UrlOptions {
  /** Additional arguments. */
  readonly call?: readonly string[];
  /** Whether its entries are playlists; in other lists these are links to other pages, also of other channels. */
  readonly nested?: boolean;
}

async function* listUrl(
  config: ListerConfig,
  cap: number,
  url: string,
  options: ListOptions,
  { call = [], nested = false }: UrlOptions = {},
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
      if (line.type === 'nested' && !nested) {
        yield { type: 'problem', reason: 'an entry of the list is a playlist, not a video' };
        continue;
      }
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
