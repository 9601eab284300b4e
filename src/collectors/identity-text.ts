/** Parameters that name the way a reader came, not the page: of Google Analytics and of AT Internet. */
const CAMPAIGN_PARAMETER = /^(?:utm_.*|xtor)$/i;

/**
 * The form of an address in which the same page has the same address in every feed and on every page: without
 * fragment, credentials and campaign parameters, the rest of the query byte for byte as it was.
 * @throws TypeError when it is not an absolute address.
 */
export function canonicalUrl(url: string): string {
  const canonical = new URL(url);
  canonical.hash = '';
  canonical.username = '';
  canonical.password = '';
  const parameters = canonical.search.replace(/^\?/, '').split('&');
  const kept = parameters.filter((parameter) => !CAMPAIGN_PARAMETER.test(parameterName(parameter))).join('&');
  // The setter takes away one question mark, and a query may begin with another.
  canonical.search = kept === '' ? '' : `?${kept}`;
  return canonical.href;
}

/**
 * The form of a text in which it is compared: Unicode NFC, every run of white space one space, none at the ends.
 * Halves of surrogate pairs become U+FFFD, as they would in UTF-8.
 */
export function normalisedText(text: string): string {
  return text.toWellFormed().normalize('NFC').replace(/\s+/gu, ' ').trim();
}

function parameterName(parameter: string): string {
  const [name = ''] = parameter.split('=', 1);
  return new URLSearchParams(`${name}=`).keys().next().value ?? '';
}
