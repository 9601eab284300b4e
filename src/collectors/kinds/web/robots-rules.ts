/** The rules of a robots.txt for one crawler. */
export interface RobotRules {
  /** Whether the crawler may fetch this path with its query, as in a URL: `/search?q=a`. */
  readonly allowsPath: (pathAndQuery: string) => boolean;
  /** The longest crawl delay that the file asks of this crawler (not in the RFC), else 0. */
  readonly crawlDelayMs: number;
}

interface Group {
  readonly rules: Rule[];
  crawlDelaySeconds: number;
}

interface Rule {
  readonly isAllowed: boolean;
  /** The parts of the pattern between its wildcards. */
  readonly parts: readonly string[];
  /** The pattern ended with `$`. */
  readonly isWholePath: boolean;
  /** How specific the rule is: the octets of its pattern. */
  readonly octets: number;
}

/** As often as these mistakes occur, their meaning is clear (the list of github.com/google/robotstxt). */
const DISALLOW = /^(?:disallow|dissallow|dissalow|disalow|diasllow|disallaw)/i;
const USER_AGENT = /^user[ -]?agent/i;

/** Each percent-encoded octet in the form in which it is compared. */
const ENCODED = new Map(
  Array.from({ length: 256 }, (_value, octet) => {
    const character = String.fromCharCode(octet);
    const encoded = `%${octet.toString(16).toUpperCase().padStart(2, '0')}`;
    return [encoded, /[\w.~:[\]@!'(),-]/.test(character) ? character : encoded];
  }),
);
/** So many octets are compared within 50 ms. A file and a path for which it may be more were made to slow crawlers down. */
const MAX_COMPARED_OCTETS = 100_000_000;

/**
 * Reads a robots.txt (RFC 9309). Lines that are no rules, such as `Sitemap`, do not end a group; groups of the same crawler
 * are one; the group of `*` applies only when no other names the crawler. Where the file is not valid, the reading that
 * forbids more is taken.
 * @param productToken the name of the crawler, letters only, without version
 */
export function parseRobotRules(text: string, productToken: string): RobotRules {
  const own: Group = { rules: [], crawlDelaySeconds: 0 };
  const others: Group = { rules: [], crawlDelaySeconds: 0 };
  let isNamed = false;
  /** The groups to which the next rules belong, and whether a rule came since they were named. */
  let current = new Set<Group>();
  let hasRules = false;
  for (const line of text.replace(/^\uFEFF/, '').split(/[\r\n]+/)) {
    const [key, value] = keyAndValue(line);
    if (USER_AGENT.test(key)) {
      if (hasRules) current = new Set();
      hasRules = false;
      const names = value.split(',').map((name) => name.trim());
      if (names.some((name) => /^\*(?:$|\s)/.test(name))) current.add(others);
      if (names.some((name) => isNameOf(name, productToken))) {
        isNamed = true;
        current.add(own);
      }
    } else if (/^crawl-delay$/i.test(key)) {
      const seconds = Number(/^\d{1,9}(?:\.\d{1,9})?/.exec(value)?.[0] ?? 0);
      for (const group of current) group.crawlDelaySeconds = Math.max(group.crawlDelaySeconds, seconds);
    } else if (DISALLOW.test(key) || /^allow$/i.test(key)) {
      hasRules = true;
      const rules = value === '' ? [] : rulesOf(value, /^allow$/i.test(key));
      for (const group of current) group.rules.push(...rules);
    }
  }
  const { rules, crawlDelaySeconds } = isNamed ? own : others;
  // The most specific rule wins; of two equally specific ones, the one that allows (section 2.2.2).
  rules.sort((a, b) => b.octets - a.octets || Number(b.isAllowed) - Number(a.isAllowed));
  const searchedOctets = rules.reduce((sum, { octets, parts }) => sum + (parts.length > 1 ? octets : 0), 0);
  return {
    allowsPath: (pathAndQuery) => {
      if (searchedOctets * pathAndQuery.length > MAX_COMPARED_OCTETS) return false;
      const path = canonicalOctets(pathAndQuery.replaceAll('*', '%2A').replaceAll('$', '%24'));
      return rules.find((rule) => matches(rule, path))?.isAllowed ?? true;
    },
    crawlDelayMs: crawlDelaySeconds * 1000,
  };
}

/** Without comment. Where the colon was forgotten, two words are key and value (github.com/google/robotstxt). */
function keyAndValue(line: string): readonly [string, string] {
  const [content = ''] = line.split('#', 1);
  const colon = content.indexOf(':');
  if (colon >= 0) return [content.slice(0, colon).trim(), content.slice(colon + 1).trim()];
  const [key = '', value, ...more] = content.trim().split(/\s+/);
  return value === undefined || more.length > 0 ? ['', ''] : [key, value];
}

/** `Sonotheque`, `sonotheque/1.0` and `Sonotheque Bot` name the crawler; `SonothequeBot` does not. */
function isNameOf(text: string, productToken: string): boolean {
  return /^[a-z_-]*/i.exec(text)?.[0].toLowerCase() === productToken.toLowerCase();
}

function rulesOf(value: string, isAllowed: boolean): readonly Rule[] {
  // A path begins with a slash; that it was forgotten is assumed only where the rule forbids.
  const pattern = isAllowed || /^[/*]/.test(value) ? value : `/${value}`;
  const isWholePath = pattern.endsWith('$');
  // The beginning of an encoded octet matches every octet that begins so.
  const begun = /%[\dA-Fa-f]?$/.exec(pattern)?.[0] ?? '';
  const body = pattern.slice(0, pattern.length - (isWholePath ? 1 : begun.length)).replaceAll('$', '%24');
  const toRule = (octets: string): Rule => ({
    isAllowed,
    isWholePath,
    octets: octets.length + Number(isWholePath),
    parts: octets.split('*'),
  });
  const octets = canonicalOctets(body) + begun.toUpperCase();
  // After a wildcard the rest may stand in the query of a URL, where an encoded slash is the same as a slash.
  const wildcard = isAllowed || !octets.includes('*') ? octets.length : octets.indexOf('*');
  const inQuery = octets.slice(0, wildcard) + decodedDelimiters(octets.slice(wildcard));
  return inQuery === octets ? [toRule(octets)] : [toRule(octets), toRule(inQuery)];
}

/**
 * The same text for the same octets, whether percent-encoded or not (RFC 9309, section 2.2.2): unreserved characters are
 * decoded, reserved ones that have no meaning of their own in a path are too, all others are encoded. `%2F` stays distinct
 * from the slash that separates, except in a query.
 */
function canonicalOctets(text: string): string {
  const octets = text
    .toWellFormed()
    .replace(/%[\dA-Fa-f]{2}|%|[^%\w.~:/?#[\]@!$&'()*+,;=-]+/g, (found) =>
      found.startsWith('%') ? (ENCODED.get(found.toUpperCase()) ?? '%25') : encodeURIComponent(found),
    );
  const query = octets.indexOf('?') + 1;
  return query === 0 ? octets : octets.slice(0, query) + decodedDelimiters(octets.slice(query));
}

function decodedDelimiters(octets: string): string {
  return octets.replaceAll('%2F', '/').replaceAll('%3F', '?');
}

function matches({ parts, isWholePath }: Rule, path: string): boolean {
  const [first = '', ...others] = parts;
  if (!path.startsWith(first)) return false;
  const last = others.pop();
  if (last === undefined) return !isWholePath || path.length === first.length;
  let at = first.length;
  for (const part of others) {
    const found = path.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return isWholePath ? path.length - last.length >= at && path.endsWith(last) : path.includes(last, at);
}
