import type { PlaylistReference } from '../media/playlist-listing.ts';

/** What a line turned out to be: a reference, or why it is none, in plain words. */
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
/** The kinds of list that yt-dlp knows (YoutubeBaseInfoExtractor._PLAYLIST_ID_RE), without the private ones. */
const PLAYLIST_ID = /^(?:PL|EC|UU|FL|RD|UL|TL|PU|OLAK5uy_)[\w-]{10,62}$/;
/** A list= that has an unfamiliar beginning may still be one: the site invents new kinds. */
const LIST_PARAMETER = /^[\w-]{12,64}$/;
/** Liked videos, "watch later" and the like: they belong to whoever is signed in. */
const PERSONAL_LIST = /^(?:LL[\w-]*|WL|LM|RDMM)$/;
/** Since 2023 handles may have letters of any script. */
const NAME = /^[\p{L}\p{N}\p{M}_·-](?:[\p{L}\p{N}\p{M}._·'-]{0,98}[\p{L}\p{N}\p{M}_·'-])?$/u;

/**
 * Understands one line: an address of YouTube (with or without its scheme), a playlist, channel or video id, or
 * an @handle. An address that names a video within a playlist means the playlist. Nothing of the text is passed
 * on but ids that have been checked; the address is rebuilt from them.
 */
export function parsePlaylistReference(text: string): ParsedReference {
  const trimmed = text.trim();
  if (trimmed === '') return no('is empty');
  if (trimmed.length > MAX_LENGTH) return no(`is longer than ${String(MAX_LENGTH)} characters`);
  return parseBare(trimmed) ?? parseAddress(trimmed);
}

function parseBare(text: string): ParsedReference | undefined {
  if (CHANNEL_ID.test(text)) return channel(text);
  if (PERSONAL_LIST.test(text)) return personal();
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
    return no('is neither a YouTube address nor a playlist, channel, handle or video id');
  }
  const url = new URL(address);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return no(`begins with ${url.protocol.slice(0, 20)}, but only http(s) addresses of YouTube are taken`);
  }
  if (!YOUTUBE_HOSTS.has(url.hostname) && !SHORT_HOSTS.has(url.hostname)) {
    return no('is an address outside YouTube (youtube.com, youtu.be, youtube-nocookie.com)');
  }
  if (url.port !== '' || url.username !== '' || url.password !== '') {
    return no('has a port or a login in its address, which no YouTube address has');
  }
  return parsePath(url);
}

function parsePath(url: URL): ParsedReference {
  const list = url.searchParams.get('list') ?? '';
  const seed = url.searchParams.get('v');
  const segments = url.pathname.split('/').filter((segment) => segment !== '');
  const [first = '', second = ''] = segments.map(decode);
  if (list !== '') return playlistOf(list, SHORT_HOSTS.has(url.hostname) ? first : seed);
  if (SHORT_HOSTS.has(url.hostname)) return videoOf(first);
  if (first.startsWith('@')) return named('handle', first.slice(1));
  switch (first) {
    case 'watch':
      return videoOf(seed ?? '');
    case 'shorts':
    case 'live':
    case 'embed':
    case 'v':
      return videoOf(second);
    case 'playlist':
      return no('is a playlist address without its list=');
    case 'channel':
      return CHANNEL_ID.test(second) ? channel(second) : no('has no channel id (UC and 22 characters)');
    case 'browse':
      if (CHANNEL_ID.test(second)) return channel(second);
      return second.startsWith('VL') ? playlistOf(second.slice(2), null) : unknownPage();
    case 'c':
      return named('custom', second);
    case 'user':
      return named('user', second);
    default:
      return unknownPage();
  }
}

function playlistOf(list: string, seed: string | null): ParsedReference {
  if (PERSONAL_LIST.test(list)) return personal();
  // As the site's own addresses of pages put it.
  const id = list.startsWith('VL') ? list.slice(2) : list;
  return LIST_PARAMETER.test(id) ? playlist(id, seed) : no('has no valid playlist id after list=');
}

function playlist(id: string, seed: string | null): ParsedReference {
  const plain = `https://www.youtube.com/playlist?list=${id}`;
  // A mix has no page of its own: it exists only beside the video it grew from, whose id ends most mixes' ids.
  const isMix = id.startsWith('RD') && !id.startsWith('RDCLAK');
  const start = seed !== null && VIDEO_ID.test(seed) ? seed : id.slice(-11);
  const url = isMix ? `https://www.youtube.com/watch?v=${start}&list=${id}` : plain;
  return { ok: true, reference: { kind: 'playlist', id: `playlist.${id}`, url } };
}

function channel(id: string): ParsedReference {
  const url = `https://www.youtube.com/channel/${id}`;
  return { ok: true, reference: { kind: 'channel', id: `channel.${id}`, url } };
}

const NAME_PATHS = { handle: '@', custom: 'c/', user: 'user/' } as const;

function named(kind: keyof typeof NAME_PATHS, name: string): ParsedReference {
  const normal = name.normalize('NFC').toLowerCase();
  if (!NAME.test(normal)) return no('has no valid channel name');
  const url = `https://www.youtube.com/${NAME_PATHS[kind]}${encodeURIComponent(normal)}`;
  return { ok: true, reference: { kind: 'channel', id: `${kind}.${normal}`, url } };
}

function videoOf(id: string): ParsedReference {
  return VIDEO_ID.test(id) ? video(id) : no('has no valid video id (11 letters, digits, _ and -)');
}

function video(id: string): ParsedReference {
  const url = `https://www.youtube.com/watch?v=${id}`;
  return { ok: true, reference: { kind: 'video', id: `video.${id}`, url } };
}

function personal(): ParsedReference {
  return no('is a personal list (liked, watch later, my mix) that only its owner can see');
}

function unknownPage(): ParsedReference {
  return no('is a YouTube page, but not of a playlist, channel or video');
}

function no(reason: string): ParsedReference {
  return { ok: false, reason };
}

/** A path segment as people read it; one that is badly encoded stays as it is and fits no pattern. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
