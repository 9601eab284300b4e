import { z } from 'zod';
import { definedFields } from '../domain/defined-fields.ts';
import { parseJson } from '../runtime/json.ts';
import { youtubeUrl } from './yt-dlp-arguments.ts';
import { filled } from './audio-downloader.ts';
import type { ListingEvent, PlaylistEntry, PlaylistReference } from './playlist-listing.ts';

/** The first character of a line tells its kind. */
const ENTRY_MARK = 'E';
const LIST_MARK = 'L';

/** Printed for each entry; every line includes its list, so that the first line has the announced count. */
export const ENTRY_TEMPLATE = `${ENTRY_MARK}%(.{id,url,title,duration,channel,channel_id,uploader,live_status,timestamp,playlist_title,playlist_count})j`;
/** Printed after the last entry; needed for an empty list. */
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

/** The titles that the site shows for hidden videos. A Map, since any title is looked up, `constructor` too. */
const PLACEHOLDERS: ReadonlyMap<string, PlaylistEntry['availability']> = new Map([
  ['[Private video]', 'private'],
  ['[Deleted video]', 'deleted'],
]);

/** One parsed line of yt-dlp's output. */
export type ListingLine =
  | { readonly type: 'entry'; readonly entry: Omit<PlaylistEntry, 'position'>; readonly header: Header }
  | { readonly type: 'nested'; readonly playlist: PlaylistReference; readonly header: Header }
  | { readonly type: 'list'; readonly header: Header; readonly channelId?: string }
  | { readonly type: 'problem'; readonly reason: string };
type Header = Omit<Extract<ListingEvent, { type: 'playlist' }>, 'type'>;

/** Parses one line; an unreadable one becomes a `problem`, a blank one undefined. */
export function readListingLine(line: string): ListingLine | undefined {
  const mark = line.charAt(0);
  if (mark === ENTRY_MARK) return readEntry(line.slice(1));
  if (mark === LIST_MARK) return readList(line.slice(1));
  return line.trim() === '' ? undefined : problem('yt-dlp printed an unknown line');
}

function readEntry(json: string): ListingLine {
  const parsed = entrySchema.safeParse(parseJson(json));
  if (!parsed.success) return problem('an entry of the list could not be read');
  const { id, url, title, duration, channel, channel_id, uploader, live_status, timestamp } = parsed.data;
  const header = headerOf(parsed.data.playlist_title, parsed.data.playlist_count);
  if (!/^[\w-]{11}$/.test(id)) {
    const playlist = nestedPlaylist(url);
    return playlist === undefined
      ? problem('an entry of the list is neither a video nor a playlist')
      : { type: 'nested', playlist, header };
  }
  const availability = PLACEHOLDERS.get(title ?? '') ?? 'available';
  return {
    type: 'entry',
    header,
    entry: definedFields({
      videoId: id,
      metadata: definedFields({
        url: youtubeUrl(id),
        // The placeholder is not its title.
        title: availability === 'available' ? filled(title) : undefined,
        author: filled(channel ?? uploader),
        channelId: filled(channel_id),
        durationSeconds: duration ?? undefined,
      }),
      availability,
      live: liveOf(live_status),
      isShort: url?.includes('/shorts/') ?? false,
      publishedBefore: typeof timestamp === 'number' ? new Date(timestamp * 1000) : undefined,
    }),
  };
}

/** Only the id is taken from the address. */
function nestedPlaylist(url: string | null | undefined): PlaylistReference | undefined {
  const id = URL.canParse(url ?? '') ? new URL(url ?? '').searchParams.get('list') : null;
  if (id === null || !/^[\w-]{12,64}$/.test(id)) return undefined;
  return { kind: 'playlist', id: `playlist.${id}`, url: `https://www.youtube.com/playlist?list=${id}` };
}

function readList(json: string): ListingLine {
  const parsed = listSchema.safeParse(parseJson(json));
  if (!parsed.success) return problem('the description of the list could not be read');
  const { title, playlist_count, channel_id } = parsed.data;
  return definedFields({
    type: 'list' as const,
    header: headerOf(title, playlist_count),
    channelId: filled(channel_id),
  });
}

function headerOf(title: string | null | undefined, announced: number | null | undefined): Header {
  return definedFields({ title: filled(title), announcedCount: announced ?? undefined });
}

function liveOf(status: string | null | undefined): PlaylistEntry['live'] {
  switch (status) {
    case 'is_live':
    case 'is_upcoming':
    case 'was_live':
      return status;
    // A broadcast that has ended but whose recording is not available yet.
    case 'post_live':
      return 'was_live';
    case null:
    case undefined:
    default:
      return 'no';
  }
}

function problem(reason: string): ListingLine {
  return { type: 'problem', reason };
}
