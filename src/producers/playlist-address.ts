/** What a text means, or why it means nothing: the end of a sentence that begins with the text. */
export type Parsed<T> =
  ({ readonly ok: true } & Readonly<T>) | { readonly ok: false; readonly reason: string };

type ParsedAddress = Parsed<{ url: URL }>;

const HOSTS: ReadonlySet<string> = new Set([
  'youtube.com',
  'www.youtube.com',
  'm.youtube.com',
  'music.youtube.com',
  'consent.youtube.com',
  'youtube-nocookie.com',
  'www.youtube-nocookie.com',
]);
const SHORT_HOSTS: ReadonlySet<string> = new Set(['youtu.be', 'www.youtu.be']);
/** Format characters such as the zero-width space, byte order mark and direction marks, which copying adds unseen. */
const INVISIBLE = /[\p{Cf}\uFE0E\uFE0F]/gu;
const INVISIBLE_ENCODED = /%E2%80%(?:8[B-F]|A[A-E])|%E2%81%A[0-4]|%EF%BB%BF/gi;
/** Pages that lead to another page, and the parameter with its address or path. */
const FORWARDING: ReadonlyMap<string, string> = new Map([
  ['/attribution_link', 'u'],
  ['/signin', 'next'],
  ['/oembed', 'url'],
  ['/m', 'continue'],
  ['/ml', 'continue'],
]);

/** The text without what is not part of an address or id: invisible characters, and quotes or brackets around it. */
export function cleanReferenceText(text: string): string {
  const visible = text.replace(INVISIBLE, '').replace(INVISIBLE_ENCODED, '').trim();
  return (/^(?:<(.*)>|"(.*)"|'(.*)')$/su.exec(visible)?.slice(1).join('') ?? visible).trim();
}

/** Parses an address of YouTube, with or without its scheme. A page that leads to another one means that one. */
export function parseYoutubeAddress(text: string): ParsedAddress {
  const parsed = parseUrl(text);
  if (!parsed.ok) return parsed;
  const target = parsed.url.searchParams.get(FORWARDING.get(parsed.url.pathname) ?? '');
  if (target === null) return parsed;
  // A path, which must not lead to another host. Only one step is followed.
  return parseUrl(target.startsWith('/') ? `https://www.youtube.com/${target.replace(/^\/+/, '')}` : target);
}

export function isShortHost(url: URL): boolean {
  return SHORT_HOSTS.has(url.hostname);
}

function parseUrl(given: string): ParsedAddress {
  const text = given.replace(/&(?:amp|#0*38|#x0*26);/gi, '&');
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
  if (!HOSTS.has(url.hostname) && !isShortHost(url)) {
    return invalid('is an address outside YouTube (youtube.com, youtu.be, youtube-nocookie.com)');
  }
  if (url.port !== '' || url.username !== '' || url.password !== '') {
    return invalid('has a port or a login, which YouTube addresses do not have');
  }
  return { ok: true, url };
}

export function invalid(reason: string) {
  return { ok: false, reason } as const;
}
