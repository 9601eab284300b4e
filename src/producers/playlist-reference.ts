import type { PlaylistReference } from '../media/playlist-listing.ts';

/** A reference, or why the text is not one: the end of a sentence that begins with the text. */
export type ParsedReference =
  | { readonly ok: true; readonly reference: PlaylistReference }
  | { readonly ok: false; readonly reason: string };

const MAX_LENGTH = 2_000;
const YOUTUBE_HOSTS: ReadonlySet<string> = new Set([
  'youtube.com',
  'www.youtube.com',
  'm.youtube.com',
  'music.youtube.com',
  'youtube-nocookie.com',
  'www.youtube-nocookie.com',
]);
const SHORT_HOSTS: ReadonlySet<string> = new Set(['youtu.be', 'www.youtu.be']);

const VIDEO_ID = /^[\w-]{11}$/;
const CHANNEL_ID = /^UC[\w-]{22}$/;
/** The playlist ids that yt-dlp knows (YoutubeBaseInfoExtractor._PLAYLIST_ID_RE), without private lists. */
const PLAYLIST_ID = /^(?:PL|EC|UU|FL|RD|UL|TL|PU|OLAK5uy_)[\w-]{10,62}$/;
/** After list= unknown prefixes are accepted too: the site adds new kinds. */
const LIST_PARAMETER = /^[\w-]{12,64}$/;
/** Liked videos, "watch later" and others that only their owner can see. */
const PERSONAL_LIST = /^(?:LL[\w-]*|WL|LM|RDMM)$/;
/** The names of channels. Since 2023 handles may have letters of any script. */
const NAME = /^[\p{L}\p{N}\p{M}_·-](?:[\p{L}\p{N}\p{M}._·'-]{0,98}[\p{L}\p{N}\p{M}_·'-])?$/u;

const PERSONAL = 'is a personal list (liked, watch later, my mix) that only its owner can see';
const UNKNOWN_PAGE = 'is a YouTube page, but not of a playlist, channel or video';

/**
 * Parses a YouTube address (with or without its scheme), a playlist, channel or video id, or an @handle. The address of a
 * video within a playlist means the playlist. The result contains nothing of the text but checked ids; its URL is built
 * from them.
 */
export function parsePlaylistReference(text: string): ParsedReference {
  const trimmed = text.trim();
  if (trimmed === '') return invalid('is empty');
  if (trimmed.length > MAX_LENGTH) return invalid(`is longer than ${String(MAX_LENGTH)} characters`);
  return parseId(trimmed) ?? parseAddress(trimmed);
}

function parseId(text: string): ParsedReference | undefined {
  if (CHANNEL_ID.test(text)) return channel(text);
  if (PERSONAL_LIST.test(text)) return invalid(PERSONAL);
  if (PLAYLIST_ID.test(text)) return playlist(text, null);
  if (VIDEO_ID.test(text)) return video(text);
  if (text.startsWith('@')) return named('handle', text.slice(1));
  return undefined;
}

function parseAddress(text: string): ParsedReference {
  const isSchemeless = /^(?:\/\/)?(?:[a-z]+\.)?(?:youtube(?:-nocookie)?\.com|youtu\.be)(?=[/?#]|$)/i.test(
    text,
  );
  const address = isSchemeless ? `https://${text.replace(/^\/\//, '')}` : text;
  if (!URL.canParse(address) || !/^[a-z][a-z0-9+.-]*:/i.test(address)) {
    return invalid('is neither a YouTube address nor a playlist, channel, handle or video id');
  }
  const url = new URL(address);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return invalid(
      `starts with ${url.protocol.slice(0, 20)}; only http(s) addresses of YouTube are accepted`,
    );
  }
  if (!YOUTUBE_HOSTS.has(url.hostname) && !SHORT_HOSTS.has(url.hostname)) {
    return invalid('is an address outside YouTube (youtube.com, youtu.be, youtube-nocookie.com)');
  }
  if (url.port !== '' || url.username !== '' || url.password !== '') {
    return invalid('has a port or a login, which YouTube addresses do not have');
  }
  return parsePath(url);
}

function parsePath(url: URL): ParsedReference {
  const list = url.searchParams.get('list') ?? '';
  const seed = url.searchParams.get('v');
  const segments = url.pathname.split('/').filter((segment) => segment !== '');
  const [first = '', second = ''] = segments.map(decode);
  if (list !== '') return playlistOf(list, SHORT_HOSTS.has(url.hostname) ? first : seed);
  if (SHORT_HOSTS.has(url.hostname)) return video(first);
  if (first.startsWith('@')) return named('handle', first.slice(1));
  switch (first) {
    case 'watch':
      return video(seed ?? '');
    case 'shorts':
    case 'live':
    case 'embed':
    case 'v':
      return video(second);
    case 'playlist':
      return invalid('is a playlist address without list=');
    case 'channel':
      return CHANNEL_ID.test(second) ? channel(second) : invalid('has no channel id (UC and 22 characters)');
    case 'browse':
      if (CHANNEL_ID.test(second)) return channel(second);
      return second.startsWith('VL') ? playlistOf(second.slice(2), null) : invalid(UNKNOWN_PAGE);
    case 'c':
      return named('custom', second);
    case 'user':
      return named('user', second);
    default:
      return invalid(UNKNOWN_PAGE);
  }
}

function playlistOf(list: string, seed: string | null): ParsedReference {
  if (PERSONAL_LIST.test(list)) return invalid(PERSONAL);
  // Addresses of pages have this prefix before the id.
  const id = list.startsWith('VL') ? list.slice(2) : list;
  return LIST_PARAMETER.test(id) ? playlist(id, seed) : invalid('has no valid playlist id after list=');
}

function playlist(id: string, seed: string | null): ParsedReference {
  const plain = `https://www.youtube.com/playlist?list=${id}`;
  // A mix has no page of its own, only beside the video it starts from, whose id is the end of most ids of mixes.
  const isMix = id.startsWith('RD') && !id.startsWith('RDCLAK');
  const start = seed !== null && VIDEO_ID.test(seed) ? seed : id.slice(-11);
  const url = isMix ? `https://www.youtube.com/watch?v=${start}&list=${id}` : plain;
  return reference('playlist', `playlist.${id}`, url);
}

function channel(id: string): ParsedReference {
  return reference('channel', `channel.${id}`, `https://www.youtube.com/channel/${id}`);
}

const NAME_PATHS = { handle: '@', custom: 'c/', user: 'user/' } as const;

function named(kind: keyof typeof NAME_PATHS, name: string): ParsedReference {
  const normal = name.normalize('NFC').toLowerCase();
  if (!NAME.test(normal)) return invalid('has no valid channel name');
  const url = `https://www.youtube.com/${NAME_PATHS[kind]}${encodeURIComponent(normal)}`;
  return reference('channel', `${kind}.${normal}`, url);
}

function video(id: string): ParsedReference {
  if (!VIDEO_ID.test(id)) return invalid('has no valid video id (11 letters, digits, _ and -)');
  return reference('video', `video.${id}`, `https://www.youtube.com/watch?v=${id}`);
}

function reference(kind: PlaylistReference['kind'], id: string, url: string): ParsedReference {
  return { ok: true, reference: { kind, id, url } };
}

function invalid(reason: string): ParsedReference {
  return { ok: false, reason };
}

/** Decodes a path segment; an invalid one is returned unchanged and matches no pattern. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
