import { describe, expect, test } from '@jest/globals';
import { ChainCookies } from './chain-cookies.ts';

/** The header of a request to `to`, after the response of `from` with these cookies. */
function sent(cookies: readonly string[], from: string, to = from): string | undefined {
  const jar = new ChainCookies();
  const headers = new Headers();
  for (const cookie of cookies) headers.append('set-cookie', cookie);
  jar.take(new URL(from), headers);
  return jar.headerFor(new URL(to));
}

const PAGE = 'https://www.site.example/news/feed';

describe('a cookie is sent', () => {
  test.each([
    ['back', 'a=1; Path=/; HttpOnly', PAGE, 'a=1'],
    ['to its directory', 'a=1', 'https://www.site.example/news/other', 'a=1'],
    ['to the hosts of its domain', 'a=1; Domain=.site.example; Path=/', 'https://feeds.site.example/', 'a=1'],
    ['with an equals sign in its value', 'a=b=c; Path=/', PAGE, 'a=b=c'],
    ['not to another host', 'a=1; Path=/', 'https://feeds.site.example/', undefined],
    ['not to another path', 'a=1; Path=/login', PAGE, undefined],
    ['not to a path that only begins alike', 'a=1; Path=/new', PAGE, undefined],
    ['not without TLS when it is secure', 'a=1; Path=/; Secure', 'http://www.site.example/', undefined],
    ['not when it is for a foreign domain', 'a=1; Domain=other.example; Path=/', PAGE, undefined],
    ['not when it is for a top-level domain', 'a=1; Domain=example; Path=/', PAGE, undefined],
    ['not when it is expired', 'a=1; Path=/; Max-Age=0', PAGE, undefined],
    ['not when it is too long', `a=${'x'.repeat(5_000)}; Path=/`, PAGE, undefined],
  ])('%s', (_name, cookie, to, expected) => {
    expect(sent([cookie], PAGE, to)).toBe(expected);
  });
});

test('the last of two cookies with one name counts, and one can be deleted', () => {
  expect(sent(['a=1; Path=/', 'b=1; Path=/', 'a=2; Path=/'], PAGE)).toBe('a=2; b=1');
  expect(sent(['a=1; Path=/', 'a=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT'], PAGE)).toBeUndefined();
});

test('a server cannot set any number of them', () => {
  const cookies = Array.from({ length: 100 }, (_, index) => `c${String(index)}=1; Path=/`);
  expect(sent(cookies, PAGE)?.split('; ')).toHaveLength(50);
});
