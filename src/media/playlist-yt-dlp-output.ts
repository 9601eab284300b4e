import { z } from 'zod';
import { youtubeUrl } from './yt-dlp-arguments.ts';
import type { ListingEvent, PlaylistEntry } from './playlist-listing.ts';

/** Marks the two kinds of lines, by their first character. */
const ENTRY_MARK = 'E';
const LIST_MARK = 'L';

/** What is printed of each entry; every line names its list, so that the first one tells what was announced. */
export const ENTRY_TEMPLATE = `${ENTRY_MARK}%(.{id,url,title,duration,channel,channel_id,uploader,live_status,timestamp,playlist_title,playlist_count})j`;
/** Printed after the last entry; needed for a list that has none. */
export const LIST_TEMPLATE = `playlist:${LIST_MARK}%(.{title,playlist_count,channel_id})j`;

const text = z.string().nullish().catch(null);
const count = z.number().int().min(0).nullish().catch(null);
const entrySchema = z.object({
  id: z.string(),
  url: text,
  title: text,
  duration: z.number().min(0).nullish().catch(null),
  channel: text,
  channel_id: text,
  uploader: text,
  live_status: text,
  timestamp: z.number().nullish().catch(null),
  playlist_title: text,
  playlist_count: count,
});
const listSchema = z.object({ title: text, playlist_count: count, channel_id: text });

/** What the site calls itself when it hides a video. */
const PLACEHOLDERS: Readonly<Record<string, PlaylistEntry['availability']>> = {
  '[Private video]': 'private',
  '[Deleted video]': 'deleted',
};

/** One line of yt-dlp's output, understood. */
export type ListingLine =
  | { readonly type: 'entry'; readonly entry: Omit<PlaylistEntry, 'position'>; readonly header: Header }
  | { readonly type: 'list'; readonly header: Header; readonly channelId?: string }
  | { readonly type: 'problem'; readonly reason: string };
type Header = Omit<Extract<ListingEvent, { type: 'playlist' }>, 'type'>;

/** Reads one line; whatever it holds, it becomes an event. */
export function readListingLine(line: string): ListingLine | undefined {
  const mark = line.charAt(0);
  if (mark === ENTRY_MARK) return readEntry(line.slice(1));
  if (mark === LIST_MARK) return readList(line.slice(1));
  return line.trim() === '' ? undefined : problem('yt-dlp printed a line that is no entry');
}

function readEntry(json: string): ListingLine {
  const parsed = entrySchema.safeParse(parseJson(json));
  if (!parsed.success) return problem('an entry of the list could not be read');
  const { id, url, title, duration, channel, channel_id, uploader, live_status, timestamp } = parsed.data;
  if (!/^[\w-]{11}$/.test(id)) return problem('an entry of the list is no video');
  const author = channel ?? uploader;
  const availability = PLACEHOLDERS[title ?? ''] ?? 'available';
  return {
    type: 'entry',
    header: headerOf(parsed.data.playlist_title, parsed.data.playlist_count),
    entry: {
      videoId: id,
      metadata: {
        url: youtubeUrl(id),
        // The placeholder is not its title.
        ...(availability === 'available' && isKnown(title) ? { title } : {}),
        ...(isKnown(author) ? { author } : {}),
        ...(isKnown(channel_id) ? { channelId: channel_id } : {}),
        ...(duration === null || duration === undefined ? {} : { durationSeconds: duration }),
      },
      availability,
      live: liveOf(live_status),
      isShort: url?.includes('/shorts/') ?? false,
      ...(timestamp === null || timestamp === undefined
        ? {}
        : { publishedBefore: new Date(timestamp * 1000) }),
    },
  };
}

function readList(json: string): ListingLine {
  const parsed = listSchema.safeParse(parseJson(json));
  if (!parsed.success) return problem('the description of the list could not be read');
  const { title, playlist_count, channel_id } = parsed.data;
  return {
    type: 'list',
    header: headerOf(title, playlist_count),
    ...(isKnown(channel_id) ? { channelId: channel_id } : {}),
  };
}

function headerOf(title: string | null | undefined, announced: number | null | undefined): Header {
  return {
    ...(isKnown(title) ? { title } : {}),
    ...(announced === null || announced === undefined ? {} : { announcedCount: announced }),
  };
}

function liveOf(status: string | null | undefined): PlaylistEntry['live'] {
  switch (status) {
    case 'is_live':
    case 'is_upcoming':
    case 'was_live':
      return status;
    // A broadcast that is over but whose recording is still being made.
    case 'post_live':
      return 'was_live';
    case null:
    case undefined:
    default:
      return 'no';
  }
}

function isKnown(value: string | null | undefined): value is string {
  return value !== null && value !== undefined && value !== '';
}

function problem(reason: string): ListingLine {
  return { type: 'problem', reason };
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
