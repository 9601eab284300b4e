import { isTrackingParameter } from './tracking-parameters.ts';

/**
 * The form in which the URLs of one page are equal in every feed and on every page: without fragment, credentials and
 * tracking parameters; the rest of the query is unchanged byte for byte.
 * @throws TypeError when it is not an absolute URL.
 */
export function canonicalUrl(url: string): string {
  const canonical = new URL(url);
  canonical.hash = '';
  canonical.username = '';
  canonical.password = '';
  const kept = keptParameters(canonical.search.replace(/^\?/, ''));
  // The setter removes one question mark, and the query itself may begin with another.
  canonical.search = kept === '' ? '' : `?${kept}`;
  return canonical.href;
}

/** Resolves an http or https URL; undefined when the text is empty, not a URL, or of another protocol. */
export function parseWebUrl(text: string, base?: string): URL | undefined {
  const url = text.trim() === '' ? null : URL.parse(text, base);
  return url !== null && /^https?:$/.test(url.protocol) ? url : undefined;
}

/**
 * The form in which texts are compared: Unicode NFC, every run of white space replaced by one space, trimmed. Lone
 * surrogates become U+FFFD, as they would in UTF-8.
 */
export function normalisedText(text: string): string {
  return text.toWellFormed().normalize('NFC').replace(/\s+/gu, ' ').trim();
}

/** A text that may be a URL, such as a guid: without tracking parameters if it is one, else unchanged. */
export function withoutTracking(text: string): string {
  if (!/^https?:/i.test(text)) return text;
  const [beforeFragment = '', ...fragment] = text.split('#');
  const start = beforeFragment.indexOf('?');
  if (start === -1) return text;
  const kept = keptParameters(beforeFragment.slice(start + 1));
  return [`${beforeFragment.slice(0, start)}${kept === '' ? '' : `?${kept}`}`, ...fragment].join('#');
}

function keptParameters(query: string): string {
  const parameters = query.split('&');
  return parameters.filter((parameter) => !isTrackingParameter(parameterName(parameter))).join('&');
}

function parameterName(parameter: string): string {
  const [name = ''] = parameter.split('=', 1);
  return new URLSearchParams(`${name}=`).keys().next().value ?? '';
}
