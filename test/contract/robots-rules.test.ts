import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeRobots, parseRobots } from '../../src/collectors/kinds/web/robots.ts';

const ORIGIN = 'https://site.example';

/** Whether the rules allow this program the path, which is parsed like a link. */
function allows(text: string | Buffer, path: string): boolean {
  const rules = parseRobots(ORIGIN, typeof text === 'string' ? text : decodeRobots(text));
  return rules.allows(new URL(path, ORIGIN));
}

const forbids = (pattern: string, path: string) => !allows(`User-agent: *\nDisallow: ${pattern}`, path);

describe('which group applies (RFC 9309, section 2.2.1)', () => {
  const ALL = 'User-agent: *\nDisallow: /all\n';

  test.each([
    ['the name in any case', 'User-agent: SONOTHEQUE'],
    ['the name with a version', 'User-agent: Sonotheque/1.0'],
    ['the name and further words', 'User-agent: Sonotheque Bot'],
    ['a list of names', 'User-agent: otherbot, sonotheque'],
    ['a comment after the name', 'User-agent: sonotheque # ours'],
    ['several names before the rules', 'User-agent: sonotheque\nUser-agent: otherbot'],
    ['a forgotten hyphen', 'Useragent: sonotheque'],
    ['a forgotten colon', 'user-agent sonotheque'],
    ['a sitemap between names and rules', 'User-agent: sonotheque\nSitemap: https://site.example/map.xml'],
    ['an unknown line among the names', 'User-agent: sonotheque\nNoindex: /x\nUser-agent: otherbot'],
    ['a crawl delay among the names', 'User-agent: sonotheque\nCrawl-delay: 1\nUser-agent: otherbot'],
    ['blank lines among the names', 'User-agent: sonotheque\n\n\nUser-agent: otherbot\n'],
  ])('a group is ours by %s', (_name, names) => {
    const text = `${ALL}${names}\nDisallow: /own\n`;
    expect([allows(text, '/own'), allows(text, '/all')]).toEqual([false, true]);
  });

  test.each(['SonothequeBot', 'Sonotheque-News', 'My Sonotheque', 'Sono', '', '/'])(
    'the group of %j is not ours',
    (name) => {
      const text = `${ALL}User-agent: ${name}\nDisallow: /own\n`;
      expect([allows(text, '/own'), allows(text, '/all')]).toEqual([true, false]);
    },
  );

  test('all groups with our name are one, and one without rules allows everything', () => {
    const twice =
      'User-agent: sonotheque\nDisallow: /a\nUser-agent: x\nDisallow: /\nUser-agent: sonotheque\nDisallow: /b';
    expect(['/a', '/b', '/c'].map((path) => allows(twice, path))).toEqual([false, false, true]);
    expect(allows('User-agent: *\nDisallow: /\nUser-agent: sonotheque\nDisallow:', '/a')).toBe(true);
  });

  test.each(['*', '* ', '*, otherbot', 'otherbot, *', '* # all'])('the group of %j is for all', (name) => {
    expect(allows(`User-agent: ${name}\nDisallow: /a`, '/a')).toBe(false);
  });

  test('rules before any name apply to nobody', () => {
    expect(allows('Disallow: /\nUser-agent: x\nDisallow: /', '/a')).toBe(true);
  });
});

describe('which rule applies (section 2.2.2)', () => {
  test.each([
    ['Disallow: /a/b\nAllow: /a/', '/a/b', false],
    ['Disallow: /a/\nAllow: /a/b', '/a/b', true],
    ['Disallow: /same\nAllow: /same', '/same', true],
    ['Allow: /page\nDisallow: /*.html', '/page.html', false],
    ['Allow: /$\nDisallow: /', '/', true],
    ['Allow: /$\nDisallow: /', '/a', false],
    ['Disallow:', '/a', true],
    ['Dissallow: /a', '/a', false],
    ['disallow /a', '/a', false],
    ['Disallow: a', '/a', false],
    ['Disallow: /A', '/a', true],
  ])('%j for %s: %j', (rules, path, expected) => {
    expect(allows(`User-agent: *\n${rules}`, path)).toBe(expected);
  });
});

describe('octets are compared, however they are written (section 2.2.2)', () => {
  test.each([
    ['/%7Ejoe/', '/~joe/'],
    ['/~joe/', '/%7ejoe/'],
    ['/caf%c3%a9', '/café'],
    ['/café', '/caf%C3%A9'],
    ['/ツ', '/%E3%83%84'],
    ['/foo/bar/%62%61%7A', '/foo/bar/baz'],
    ['/a|b', '/a|b'],
    ['/a|b', '/a%7Cb'],
    ['/a%7cb', '/a|b'],
    ['/a b', '/a%20b'],
    ['/a<b>"{c}^`\\', '/a%3Cb%3E%22%7Bc%7D%5E%60%5C'],
    ['/a?b=https://c.example/d?e', '/a?b=https%3A%2F%2Fc.example%2Fd%3Fe'],
    ['/a?b=https%3A%2F%2Fc.example', '/a?b=https://c.example'],
    ['/a:b@c', '/a%3Ab%40c'],
    ['/100%', '/100%'],
    ['/100%', '/100%25'],
    ['/a%', '/a%C3%A9'],
    ['/a?', '/a?'],
    ['/a?', '/a?b'],
    ['/*?', '/a?'],
    ['/*%2Fb', '/a?c=%2Fb'],
    // Literal octets that mean something in a pattern (section 2.2.3).
    ['/a%2Ab', '/a*b'],
    ['/a%24', '/a$'],
    ['/a$b', '/a$b'],
    ['/a$b', '/a%24b'],
    ['*.php', '/a.php'],
    ['/a**b', '/axb'],
    ['/a*', '/a'],
  ])('%s forbids %s', (pattern, path) => {
    expect(forbids(pattern, path)).toBe(true);
  });

  test.each([
    ['/a%2Fb', '/a/b'],
    ['/a/b', '/a%2Fb'],
    ['/a%3Fb', '/a?b'],
    ['/a%2Ab', '/axb'],
    ['/a%24', '/a'],
    ['/a?b=c%26d', '/a?b=c&d'],
    ['/a$', '/ab'],
    ['/*.php$', '/a.php5'],
    ['/a*b*b$', '/ab'],
  ])('%s does not forbid %s', (pattern, path) => {
    expect(forbids(pattern, path)).toBe(false);
  });

  test('bytes that are not UTF-8 are kept as octets', () => {
    const latin1 = Buffer.from('User-agent: *\nDisallow: /été\n', 'latin1');
    expect(allows(latin1, '/%E9t%E9')).toBe(false);
    expect(allows(Buffer.from('\uFEFFUser-agent: *\r\rDisallow: /a\r', 'utf16le'), '/a')).toBe(false);
    expect(allows(Buffer.from('\uFEFFUser-agent: *\rDisallow: /a\r'), '/a')).toBe(false);
  });

  test('for any path: encoding any of its letters changes nothing', () => {
    const segment = fc.string({
      unit: fc.constantFrom('a', 'B', '7', '-', '.', '_', '~', 'é', 'ツ', ' ', '|', '%'),
    });
    fc.assert(
      fc.property(segment, segment, fc.boolean(), fc.boolean(), (start, end, encodesRule, encodesPath) => {
        const encoded = (text: string, isEncoded: boolean) =>
          isEncoded
            ? [...Buffer.from(text)].map((octet) => `%${octet.toString(16).padStart(2, '0')}`).join('')
            : text.replaceAll('%', '%25').trim();
        const path = (isEncoded: boolean) => `/x${encoded(start.trim(), isEncoded)}`;
        expect(forbids(path(encodesRule), `${path(encodesPath)}${encodeURIComponent(end)}`)).toBe(true);
      }),
    );
  });
});

test('a URL of another origin is never allowed', () => {
  expect(parseRobots(ORIGIN, '').allows(new URL('https://other.example/'))).toBe(false);
});

test('the longest crawl delay of our group counts', () => {
  const text =
    'User-agent: *\nCrawl-delay: 60\nUser-agent: sonotheque\nCrawl-delay: 2.5 s\nCrawl-delay: x\nDisallow:\n';
  expect(parseRobots(ORIGIN, text).crawlDelayMs).toBe(2500);
  expect(parseRobots(ORIGIN, 'User-agent: *\nCrawl-delay: -1').crawlDelayMs).toBe(0);
});

test('a file and a path that would take long to compare forbid; other paths stay allowed', () => {
  const rule = 'Disallow:*aaaaaab\n';
  const rules = parseRobots(ORIGIN, `User-agent: *\n${rule.repeat((500 * 1024) / rule.length)}`);
  expect(rules.allows(new URL(`/${'a'.repeat(2000)}`, ORIGIN))).toBe(false);
  expect(rules.allows(new URL('/a', ORIGIN))).toBe(true);
});
