/** Query parameters of Google Analytics and AT Internet that describe a campaign and not the page. */
const CAMPAIGN_PARAMETER = /^(?:utm_.*|xtor)$/i;

/**
 * The form in which the URLs of one page are equal in every feed and on every page: without fragment, credentials and
 * campaign parameters; the rest of the query is unchanged byte for byte.
 * @throws TypeError when it is not an absolute URL.
 */
export function canonicalUrl(url: string): string {
  const canonical = new URL(url);
  canonical.hash = '';
  canonical.username = '';
  canonical.password = '';
  const parameters = canonical.search.replace(/^\?/, '').split('&');
  const kept = parameters.filter((parameter) => !CAMPAIGN_PARAMETER.test(parameterName(parameter))).join('&');
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

function parameterName(parameter: string): string {
  const [name = ''] = parameter.split('=', 1);
  return new URLSearchParams(`${name}=`).keys().next().value ?? '';
}
