import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseRedisUrl } from './redis-url.ts';

const SINGLE = { kind: 'single', database: 0, useTls: false } as const;

describe('a URL of Redis', () => {
  test.each([
    ['redis://127.0.0.1', { ...SINGLE, addresses: [{ host: '127.0.0.1', port: 6379 }] }],
    ['REDIS://redis:1/', { ...SINGLE, addresses: [{ host: 'redis', port: 1 }] }],
    [
      'rediss://user:p%40ss@cache.example.org:6380/3',
      {
        ...{ kind: 'single', useTls: true, username: 'user', password: 'p@ss', database: 3 },
        addresses: [{ host: 'cache.example.org', port: 6380 }],
      },
    ],
    // Only a password: that of Redis's default user.
    [
      'redis://:p@a/ss:w%rd@h',
      { ...SINGLE, password: 'p@a/ss:w%rd', addresses: [{ host: 'h', port: 6379 }] },
    ],
    ['redis://[::1]:7/2', { ...SINGLE, database: 2, addresses: [{ host: '::1', port: 7 }] }],
    [
      'redis://h?family=6&db=4',
      { ...SINGLE, database: 4, family: 6, addresses: [{ host: 'h', port: 6379 }] },
    ],
    [
      'redis+cluster://u:p@a:7000,b, c:7002',
      {
        ...{ kind: 'cluster', useTls: false, username: 'u', password: 'p', database: 0 },
        addresses: [
          { host: 'a', port: 7000 },
          { host: 'b', port: 6379 },
          { host: 'c', port: 7002 },
        ],
      },
    ],
    [
      'rediss+sentinel://:secret@s1,s2:5000/my%20master/2',
      {
        ...{ kind: 'sentinel', useTls: true, password: 'secret', database: 2, masterName: 'my master' },
        addresses: [
          { host: 's1', port: 26_379 },
          { host: 's2', port: 5000 },
        ],
      },
    ],
  ])('%s', (url, expected) => {
    expect(parseRedisUrl(url)).toEqual(expected);
  });

  test.each([
    ['http://h', 'is not a URL that begins with'],
    ['127.0.0.1:6379', 'is not a URL that begins with'],
    ['', 'is not a URL that begins with'],
    ['redis://', 'has a server that is not of the form'],
    ['redis://a:0', 'has a server that is not of the form'],
    ['redis://a:65536', 'has a server that is not of the form'],
    ['redis+cluster://a,,b', 'has a server that is not of the form'],
    ['redis://a,b', 'names several servers'],
    ['redis://a/sonotheque', 'has a path that is not the number of a database'],
    ['redis+cluster://a/1', 'names a database'],
    ['redis+sentinel://a:26379', 'does not name the master'],
    ['redis+sentinel://a:26379/', 'does not name the master'],
    ['redis+sentinel://a/m/x', 'has a path that is not the number of a database'],
    ['redis://a?tls=true', 'has a parameter other than family and db'],
    ['redis://a?family=5', 'has a parameter family'],
    [`redis+cluster://${'a,'.repeat(1_000)}a`, 'names more than 100 servers'],
  ])('%s is refused', (url, problem) => {
    expect(() => parseRedisUrl(url)).toThrow(problem);
  });

  test('of any text: what it names, or a problem that does not show a login', () => {
    const text = fc.string({ unit: fc.constantFrom(...Array.from('redis+cluster:/@,?&%[]=.0129 s3cr3t\n')) });
    fc.assert(
      fc.property(text, text, (before, after) => {
        try {
          const { addresses } = parseRedisUrl(`redis://${before}s3cr3t@${after}`);
          expect(addresses.length).toBeGreaterThan(0);
        } catch (error) {
          expect(String(error)).not.toContain('s3cr3t');
        }
      }),
    );
  });

  test('any user and password that are encoded are read back', () => {
    const word = fc.string({ minLength: 1, unit: 'grapheme' });
    fc.assert(
      fc.property(word, word, (username, password) => {
        const login = `${encodeURIComponent(username)}:${encodeURIComponent(password)}`;
        expect(parseRedisUrl(`redis://${login}@h`)).toMatchObject({ username, password });
      }),
    );
  });
});
