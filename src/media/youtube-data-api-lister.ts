import type { ListingEvent, ListOptions, PlaylistEntry, PlaylistReference } from './playlist-listing.ts';
import { PermanentError } from '../domain/job-errors.ts';
import type { ListedItem, ListedVideo, YoutubeDataApi } from './youtube-data-api.ts';
import { youtubeUrl } from './yt-dlp-arguments.ts';

/** Far more pages than any list has: a server that always names a next page does not keep us for ever. */
const MAX_PAGES = 2_000;

/** Whether the API can list it at all: it knows neither mixes nor old custom names. */
export function isListedByDataApi(reference: PlaylistReference, options: ListOptions): boolean {
  if (reference.kind === 'video') return false;
  if (reference.kind === 'playlist') return !reference.id.startsWith('playlist.RD');
  return options.byTabs !== true && !reference.id.startsWith('custom.');
}

/**
 * Lists with the YouTube Data API: one call for the list, two for each 50 entries (the second tells lengths).
 * @throws JobError; ThrottledError when the quota is spent, possibly after entries have been given.
 */
export async function* listByDataApi(
  api: YoutubeDataApi,
  reference: PlaylistReference,
  { signal, newest = Infinity }: ListOptions,
): AsyncGenerator<ListingEvent> {
  const playlistId = await playlistIdOf(api, reference, signal);
  const about = await api.playlist(playlistId, signal);
  const title = about?.snippet?.title;
  const announcedCount = about?.contentDetails?.itemCount;
  yield {
    type: 'playlist',
    ...(title === null || title === undefined ? {} : { title }),
    ...(announcedCount === null || announcedCount === undefined ? {} : { announcedCount }),
  };
  let position = 0;
  const tokens = new Set<string>();
  let pageToken: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { items, nextPageToken } = await api.playlistItems(playlistId, pageToken, signal);
    const ids = items.flatMap((item) => (item === null ? [] : [item.contentDetails.videoId]));
    const videos = ids.length === 0 ? [] : await api.videos([...new Set(ids)], signal);
    const byId = new Map(videos.map((video) => [video.id, video]));
    for (const item of items) {
      if (item === null || !/^[\w-]{11}$/.test(item.contentDetails.videoId)) {
        yield { type: 'problem', reason: 'an entry of the list is no video' };
        continue;
      }
      position += 1;
      yield { type: 'entry', entry: entryOf(item, byId.get(item.contentDetails.videoId), position) };
      if (position >= newest) return;
    }
    if (nextPageToken === null || nextPageToken === undefined) return;
    if (tokens.has(nextPageToken)) break;
    tokens.add(nextPageToken);
    pageToken = nextPageToken;
  }
  yield { type: 'problem', reason: 'the list does not end: its pages repeat or are too many' };
}

async function playlistIdOf(
  api: YoutubeDataApi,
  reference: PlaylistReference,
  signal: AbortSignal,
): Promise<string> {
  const [prefix, name] = splitId(reference.id);
  switch (prefix) {
    case 'playlist':
      return name;
    case 'channel':
      // The list of all uploads is named after the channel.
      return `UU${name.slice(2)}`;
    default: {
      const query = prefix === 'user' ? { forUsername: name } : { forHandle: `@${name}` };
      const uploads = await api.uploadsOf(query, signal);
      if (uploads !== undefined) return uploads;
      throw new PermanentError('playlist_missing', `The YouTube Data API knows no channel ${name}.`);
    }
  }
}

function splitId(id: string): readonly [string, string] {
  const dot = id.indexOf('.');
  return [id.slice(0, dot), id.slice(dot + 1)];
}

function entryOf(
  item: NonNullable<ListedItem>,
  video: ListedVideo | undefined,
  position: number,
): PlaylistEntry {
  const { snippet, contentDetails } = item;
  const availability = availabilityOf(item);
  const durationSeconds = durationOf(video?.contentDetails?.duration);
  return {
    videoId: contentDetails.videoId,
    position,
    metadata: {
      url: youtubeUrl(contentDetails.videoId),
      ...(availability === 'available' && isKnown(snippet.title) ? { title: snippet.title } : {}),
      ...(isKnown(snippet.videoOwnerChannelTitle) ? { author: snippet.videoOwnerChannelTitle } : {}),
      ...(isKnown(snippet.videoOwnerChannelId) ? { channelId: snippet.videoOwnerChannelId } : {}),
      ...(durationSeconds === undefined ? {} : { durationSeconds }),
      ...(contentDetails.videoPublishedAt instanceof Date
        ? { publishedAt: contentDetails.videoPublishedAt }
        : {}),
    },
    availability,
    live: liveOf(video),
    // The API does not tell shorts apart; a channel from which they are to be left out is listed by its tabs.
    isShort: false,
  };
}

function availabilityOf({ snippet, status }: NonNullable<ListedItem>): PlaylistEntry['availability'] {
  if (snippet.title === 'Deleted video' && status?.privacyStatus !== 'public') return 'deleted';
  return status?.privacyStatus === 'private' ? 'private' : 'available';
}

function liveOf(video: ListedVideo | undefined): PlaylistEntry['live'] {
  const state = video?.snippet?.liveBroadcastContent;
  if (state === 'live') return 'is_live';
  if (state === 'upcoming') return 'is_upcoming';
  return video?.liveStreamingDetails === null || video?.liveStreamingDetails === undefined
    ? 'no'
    : 'was_live';
}

/** ISO 8601 as the API writes it (`PT1H2M3S`, `P1DT2H`); `P0D` means that the length is not known. */
export function durationOf(text: string | null | undefined): number | undefined {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text ?? '');
  if (match === null) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match
    .slice(1)
    .map((part: string | undefined) => Number(part ?? 0));
  const total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
  return total === 0 ? undefined : total;
}

function isKnown(value: string | null | undefined): value is string {
  return value !== null && value !== undefined && value !== '';
}
