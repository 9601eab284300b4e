/** Query parameters that name a public video or playlist of YouTube, without which its addresses say nothing. */
const YOUTUBE_PARAMETERS = ['v', 'list'] as const;
const YOUTUBE_HOST = /^(?:www\.|m\.|music\.)?youtube\.com$/;
const YOUTUBE_ID = /^[\w-]{1,64}$/;
/**
 * An address within a text, up to a blank, a quote, a bracket or a backslash (of JSON). The scheme is limited in length:
 * without that, a long word would be searched from each of its letters.
 */
const ADDRESS = /[a-z][a-z\d+.-]{0,19}:\/\/[^\s"'`<>\\{}|^]*/gi;
/** What a sentence puts behind an address. */
const PUNCTUATION = '.,;:!?)]…';

/**
 * The form of an address for everything but the record of a video and the request itself: tags, metadata of objects, logs,
 * pages, messages, arguments of programs. Without user name, password, query and fragment, in which tokens are; the
 * public ids in addresses of YouTube stay.
 */
export function shownAddress(address: string): string {
  // The class URL takes what people and feeds write; what it does not take is cut in the same places.
  const url = URL.parse(address);
  if (url === null || url.host === '') return cutAddress(address);
  const kept = YOUTUBE_HOST.test(url.hostname)
    ? YOUTUBE_PARAMETERS.flatMap((name) => {
        const value = url.searchParams.get(name);
        return value !== null && YOUTUBE_ID.test(value) ? [`${name}=${value}`] : [];
      })
    : [];
  // A path of `/` is what the class writes for none.
  const path = url.pathname === '/' && !/^[^?#]*\/\/[^/?#]*\//.test(address) ? '' : url.pathname;
  return `${url.protocol}//${url.host}${path}${kept.length === 0 ? '' : `?${kept.join('&')}`}`;
}

/** A text, such as an error message or a line of a program's output, with every address in it as `shownAddress` has it. */
export function withShownAddresses(text: string): string {
  if (!text.includes('://')) return text;
  return text.replace(ADDRESS, (found) => {
    let end = found.length;
    while (end > 0 && PUNCTUATION.includes(found.charAt(end - 1))) end -= 1;
    return shownAddress(found.slice(0, end)) + found.slice(end);
  });
}

/** Everything after the last `@` of what may be a login, up to a query or a fragment. */
function cutAddress(address: string): string {
  const [scheme = '', rest] = address.split('://', 2);
  if (rest === undefined) return address.split(/[?#]/, 1)[0] ?? '';
  const place = rest.slice(rest.lastIndexOf('@') + 1);
  return `${scheme}://${place.split(/[?#]/, 1)[0] ?? ''}`;
}
