import { definedFields } from '../domain/defined-fields.ts';
import { CHANNEL_TABS, type ChannelTab, type PlaylistReference } from '../media/playlist-listing.ts';
import {
  cleanReferenceText,
  invalid,
  isShortHost,
  parseYoutubeAddress,
  type Parsed,
} from './playlist-address.ts';

export type ParsedReference = Parsed<{ reference: PlaylistReference }>;

export interface ReferenceOptions {
  /** Whether lists that only their owner can see are accepted: cookies of one account are configured. */
  readonly personalLists?: boolean;
}

const MAX_LENGTH = 2_000;
const VIDEO_ID = /^[\w-]{11}$/;
const CHANNEL_ID = /^UC[\w-]{22}$/;
/** The playlist ids that yt-dlp knows (YoutubeBaseInfoExtractor._PLAYLIST_ID_RE), without private lists. */
const PLAYLIST_ID = /^(?:PL|EC|UU|FL|RD|UL|TL|PU|OLAK5uy_)[\w-]{10,62}$/;
/** An album of YouTube Music; yt-dlp finds its playlist. */
const ALBUM_ID = /^MPREb_[\w-]{6,58}$/;
/** After list= unknown prefixes are accepted too: the site adds new kinds. */
const LIST_PARAMETER = /^[\w-]{12,64}$/;
/** Addresses of pages have VL before the id of the playlist, those of podcasts of YouTube Music MPSP. */
const PAGE_PREFIX = /^(?:VL|MPSP)(?=[\w-])/;
/** Liked videos, "watch later" and liked music. */
const PERSONAL_LIST = /^(?:LL(?:[\w-]{22})?|WL|LM)$/;
const MY_MIX = 'RDMM';
/** The names of channels. Since 2023 handles may have letters of any script. */
const NAME = /^[\p{L}\p{N}\p{M}_·-](?:[\p{L}\p{N}\p{M}._·'-]{0,98}[\p{L}\p{N}\p{M}_·'-])?$/u;
/** Pages of the site that are not `youtube.com/Name` of a channel (yt-dlp: _RESERVED_NAMES, and newer ones). */
const RESERVED_NAMES: ReadonlySet<string> = new Set(
  (
    'about account attribution_link ads browse c channel clip clips copyright creators e embed error explore feed feeds ' +
    'gaming get_video_info getalibrary hashtag howyoutubeworks iframe_api index jobs kids live logout m ml movies music new ' +
    'news oembed oops playables playlist podcast podcasts post premium press privacy redirect results s search shared shorts ' +
    'signin source sports storefront studio t trending tv upload user v verify_age vi w watch watch_popup yt'
  ).split(' '),
);

const PERSONAL =
  'is a personal list (watch later, liked) that only its owner can see; it needs cookies of its account, the same for all egress addresses';
const UNKNOWN_PAGE = 'is a YouTube page, but not of a playlist, channel or video';
const SEARCH =
  'is a search within a channel, whose results change; use the channel and FILTER_TITLE_INCLUDE or --title-include';

/**
 * Parses a YouTube address (with or without its scheme), a playlist, channel or video id, or an @handle. The address of a
 * video within a playlist means the playlist. The result contains nothing of the text but checked ids; its URL is built
 * from them.
 */
export function parsePlaylistReference(text: string, options: ReferenceOptions = {}): ParsedReference {
  if (text.length > MAX_LENGTH) return invalid(`is longer than ${String(MAX_LENGTH)} characters`);
  const cleaned = cleanReferenceText(text);
  if (cleaned === '') return invalid('is empty');
  const parsed = parseId(cleaned) ?? parseAddress(cleaned);
  const isPersonal = parsed.ok && PERSONAL_LIST.test(parsed.reference.id.replace(/^playlist\./, ''));
  return isPersonal && options.personalLists !== true ? invalid(PERSONAL) : parsed;
}

function parseId(text: string): ParsedReference | undefined {
  if (CHANNEL_ID.test(text)) return channel(text, undefined);
  const id = text.replace(PAGE_PREFIX, '');
  if (PERSONAL_LIST.test(id) || PLAYLIST_ID.test(id) || ALBUM_ID.test(id)) return playlist(id, null);
  if (text === MY_MIX) return playlistOf(text, null);
  if (VIDEO_ID.test(text)) return video(text);
  if (/^@[^/?#]*$/.test(text)) return named('handle', text.slice(1));
  // Such as @handle/streams.
  if (text.startsWith('@')) return parseAddress(`https://www.youtube.com/${text}`);
  return undefined;
}

function parseAddress(text: string): ParsedReference {
  const address = parseYoutubeAddress(text);
  return address.ok ? parsePath(address.url) : address;
}

function parsePath(url: URL): ParsedReference {
  const list = url.searchParams.get('list') ?? '';
  const seed = url.searchParams.get('v');
  const [first = '', second = '', third = ''] = url.pathname
    .split('/')
    .filter((segment) => segment !== '')
    .map(decode);
  if (list !== '') return playlistOf(list, isShortHost(url) ? first : seed);
  if (isShortHost(url)) return video(first);
  if (first.startsWith('@')) return channelPage(second, (tab) => named('handle', first.slice(1), tab));
  switch (first) {
    case '':
      return seed === null ? invalid(UNKNOWN_PAGE) : video(seed);
    case 'watch':
    case 'watch_popup':
      return video(seed ?? second);
    case 'embed':
      if (second === 'live_stream') return channelOf(url.searchParams.get('channel') ?? '', 'live');
      return video(second);
    case 'shorts':
    case 'live':
    case 'podcast':
    case 'e':
    case 'v':
    case 'vi':
      return video(second);
    case 'playlist':
      return invalid('is a playlist address without list=');
    case 'channel':
    case 'browse':
      return channelOrList(second, third);
    case 'c':
      return channelPage(third, (tab) => named('custom', second, tab));
    case 'user':
      return channelPage(third, (tab) => named('user', second, tab));
    case 'clip':
      return invalid('is a clip, a part of a video; use the address of the video');
    default:
      if (RESERVED_NAMES.has(first.toLowerCase())) return invalid(UNKNOWN_PAGE);
      return channelPage(second, (tab) => named('name', first, tab));
  }
}

/** `/channel/…` and `/browse/…`: a channel, or a playlist, album or podcast of YouTube Music. */
function channelOrList(id: string, page: string): ParsedReference {
  if (CHANNEL_ID.test(id)) return channelPage(page, (tab) => channel(id, tab));
  if (PAGE_PREFIX.test(id) || ALBUM_ID.test(id)) return playlistOf(id, null);
  const episode = /^MPED([\w-]{11})$/.exec(id)?.[1];
  if (episode !== undefined) return video(episode);
  return id.startsWith('UC') ? channelOf(id, undefined) : invalid(UNKNOWN_PAGE);
}

/** Each page of a channel is honoured as itself or refused: never the whole channel instead. */
function channelPage(
  page: string,
  referenceOf: (tab: ChannelTab | undefined) => ParsedReference,
): ParsedReference {
  // The home page is the channel itself.
  if (page === '' || page === 'featured') return referenceOf(undefined);
  if (page === 'search') return invalid(SEARCH);
  const tab = CHANNEL_TABS.find((known) => known === page.toLowerCase());
  if (tab !== undefined) return referenceOf(tab);
  return invalid(`is a page of a channel that lists no videos; such pages are: ${CHANNEL_TABS.join(', ')}`);
}

function playlistOf(list: string, seed: string | null): ParsedReference {
  if (list === MY_MIX) return invalid('is "my mix", which differs for everyone and with each visit');
  const id = list.replace(PAGE_PREFIX, '');
  if (PERSONAL_LIST.test(id)) return playlist(id, null);
  return LIST_PARAMETER.test(id) ? playlist(id, seed) : invalid('has no valid playlist id after list=');
}

function playlist(id: string, seed: string | null): ParsedReference {
  return reference('playlist', `playlist.${id}`, playlistUrl(id, seed));
}

function playlistUrl(id: string, seed: string | null): string {
  if (ALBUM_ID.test(id)) return `https://music.youtube.com/browse/${id}`;
  if (id === 'LM') return 'https://music.youtube.com/playlist?list=LM';
  // A mix has no page of its own, only beside the video it starts from, whose id is the end of most ids of mixes.
  const isMix = id.startsWith('RD') && !id.startsWith('RDCLAK');
  const start = seed !== null && VIDEO_ID.test(seed) ? seed : id.slice(-11);
  return isMix
    ? `https://www.youtube.com/watch?v=${start}&list=${id}`
    : `https://www.youtube.com/playlist?list=${id}`;
}

function channelOf(id: string, tab: ChannelTab | undefined): ParsedReference {
  return CHANNEL_ID.test(id) ? channel(id, tab) : invalid('has no channel id (UC and 22 characters)');
}

function channel(id: string, tab: ChannelTab | undefined): ParsedReference {
  return tabOf(`channel.${id}`, `https://www.youtube.com/channel/${id}`, tab);
}

const NAME_PATHS = { handle: '@', custom: 'c/', user: 'user/', name: '' } as const;

function named(kind: keyof typeof NAME_PATHS, name: string, tab?: ChannelTab): ParsedReference {
  const normal = name.normalize('NFC').toLowerCase();
  if (!NAME.test(normal)) return invalid('has no valid channel name');
  return tabOf(
    `${kind}.${normal}`,
    `https://www.youtube.com/${NAME_PATHS[kind]}${encodeURIComponent(normal)}`,
    tab,
  );
}

/** Names have no `~`, so that the id of a tab is never that of another channel. */
function tabOf(id: string, url: string, tab: ChannelTab | undefined): ParsedReference {
  return tab === undefined
    ? reference('channel', id, url)
    : reference('channel', `${id}~${tab}`, `${url}/${tab}`, tab);
}

function video(id: string): ParsedReference {
  if (!VIDEO_ID.test(id)) return invalid('has no valid video id (11 letters, digits, _ and -)');
  return reference('video', `video.${id}`, `https://www.youtube.com/watch?v=${id}`);
}

function reference(
  kind: PlaylistReference['kind'],
  id: string,
  url: string,
  tab?: ChannelTab,
): ParsedReference {
  return { ok: true, reference: definedFields({ kind, id, url, tab }) };
}

/** Decodes a path segment; an invalid one is returned unchanged and matches no pattern. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
