import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { localPath } from './local-path.ts';

/** What a browser does with `Location: path` of a page of this server. */
const landing = (path: string, origin = 'https://archive.example') => new URL(path, `${origin}/login`);

describe('the page after the login', () => {
  test.each([
    ['/', '/'],
    ['/queues/queue/download?status=failed&page=2', '/queues/queue/download?status=failed&page=2'],
    ['/videos?text=a//b', '/videos?text=a//b'],
    ['/reports/a%2Fb', '/reports/a%2Fb'],
    ['/a/../health', '/health'],
    ['/%5C%5Cevil.example', '/%5C%5Cevil.example'],
    ['/queues/#top', '/queues/'],
  ])('%j leads to %j', (given, expected) => {
    expect(localPath(given)).toBe(expected);
  });

  test.each([
    undefined,
    null,
    5,
    ['/queues/', '/'],
    '',
    'queues',
    'https://evil.example/',
    'javascript:alert(1)',
    'data:text/html,x',
    '//evil.example',
    '///evil.example',
    '////evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\\/evil.example',
    '/./\\evil.example',
    '/.//evil.example',
    '/././/evil.example',
    '/..//evil.example',
    '/a/..//evil.example',
    '/a/../..//evil.example/%2f..',
    '/%2e//evil.example',
    '/%2E%2e//evil.example',
    '/a/%2e%2e//evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '/\r\n/evil.example',
    '/.\t//evil.example',
    '/.\\\\evil.example',
    '/.\\/evil.example',
    ' //evil.example',
    '\u0000//evil.example',
    '/.//user:password@evil.example:8443/x?y',
    '//[::1]/',
    '/login',
    '/login?next=/',
    '/./logout',
    `/${'x'.repeat(3_000)}`,
  ])('%j leads to the overview', (given) => {
    expect(localPath(given)).toBe('/');
  });

  test('whatever is given, a browser stays on this server', () => {
    const piece = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      '%2e',
      '%2f',
      '%5c',
      '\t',
      '\n',
      '\r',
      '\0',
      '@',
      ':',
      '?',
      '#',
      'evil.example',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 3 })), { maxLength: 12 }), (parts) => {
        const path = localPath(`/${parts.join('')}`);
        for (const origin of ['https://archive.example', 'http://127.0.0.1:3000'])
          expect(landing(path, origin).origin).toBe(origin);
        expect(path).toMatch(/^\/(?![/\\])[^\t\n\r]*$/);
        expect(path.split('?', 1)[0]).not.toContain('\\');
      }),
      { numRuns: 2_000 },
    );
  });
});
