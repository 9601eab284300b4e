import { definedFields } from '../domain/defined-fields.ts';
import { filled } from './audio-downloader.ts';
import type { ListingEvent, ListOptions, PlaylistEntry, PlaylistReference } from './playlist-listing.ts';
import { PermanentError } from '../domain/job-errors.ts';
import type { ListedItem, ListedVideo, YoutubeDataApi } from './youtube-data-api.ts';
import { youtubeUrl } from './yt-dlp-arguments.ts';

/** Far more pages than any list has: the limit for a server that always names a next page. */
const MAX_PAGES = 2_000;

/** Lists that the API does not support: mixes, albums of YouTube Music by their page, and what only its owner can see. */
const UNSUPPORTED_LIST = /^playlist\.(?:RD|MPREb_|LL|LM$|WL$)/;

/** Whether the API can list it: it supports neither tabs of channels nor names from before handles. */
export function isListedByDataApi(reference: PlaylistReference, options: ListOptions): boolean {
  if (reference.kind === 'video') return false;
  if (reference.kind === 'playlist') return !UNSUPPORTED_LIST.test(reference.id);
  return options.byTabs !== true && reference.tab === undefined && !/^(?:custom|name)\./.test(reference.id);
}

/**
 * Lists with the YouTube Data API: one call for the list, two for each 50 entries (the second one for durations).
 * @throws JobError; ThrottledError when the quota is spent, possibly after entries have been yielded.
 */
export async function* listByDataApi(
  api: YoutubeDataApi,
  reference: PlaylistReference,
  { signal, newest = Infinity }: ListOptions,
): AsyncGenerator<ListingEvent> {
  const playlistId = await playlistIdOf(api, reference, signal);
  const playlist = await api.playlist(playlistId, signal);
  yield definedFields({
    type: 'playlist' as const,
    title: playlist?.snippet?.title ?? undefined,
    announcedCount: playlist?.contentDetails?.itemCount ?? undefined,
  });
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
        yield { type: 'problem', reason: 'an entry of the list is not a video' };
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
  yield { type: 'problem', reason: 'the list does not end: its pages repeat, or there are too many' };
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
      // The id of the list of all uploads is that of the channel with UU for UC.
      return `UU${name.slice(2)}`;
    default: {
      const query = prefix === 'user' ? { forUsername: name } : { forHandle: `@${name}` };
      const uploads = await api.uploadsOf(query, signal);
      if (uploads !== undefined) return uploads;
      throw new PermanentError('playlist_missing', `The YouTube Data API does not know the channel ${name}.`);
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
  return {
    videoId: contentDetails.videoId,
    position,
    metadata: definedFields({
      url: youtubeUrl(contentDetails.videoId),
      title: availability === 'available' ? filled(snippet.title) : undefined,
      author: filled(snippet.videoOwnerChannelTitle),
      channelId: filled(snippet.videoOwnerChannelId),
      durationSeconds: durationOf(video?.contentDetails?.duration),
      publishedAt: contentDetails.videoPublishedAt ?? undefined,
    }),
    availability,
    live: liveOf(video),
    // The API does not mark shorts; a channel whose shorts are filtered out is listed by its tabs.
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

/** Seconds of an ISO 8601 duration as the API writes it (`PT1H2M3S`, `P1DT2H`); `P0D` means unknown. */
export function durationOf(text: string | null | undefined): number | undefined {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text ?? '');
  if (match === null) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match
    .slice(1)
    .map((part: string | undefined) => Number(part ?? 0));
  const total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
  return total === 0 ? undefined : total;
}
