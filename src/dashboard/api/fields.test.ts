import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { cursorOf, pageQuery } from './fields.ts';
import { Problem } from './problem.ts';
import { matchesEtag, nextLink } from './send-json.ts';

const cursor = cursorOf('audit', z.tuple([z.int(), z.string()]));

test('a cursor is read back', () => {
  fc.assert(
    fc.property(fc.integer(), fc.string({ unit: 'binary' }), (at, id) => {
      const written = cursor.write([at, id]);
      expect(z.object(pageQuery).safeParse({ cursor: written.slice(0, 500) }).success).toBe(true);
      expect(cursor.read(written)).toEqual([at, Buffer.from(id).toString()]);
    }),
  );
  expect(cursor.read(undefined)).toBeUndefined();
});

test('anything else is refused', () => {
  const refuse = (text: string) => {
    expect(() => cursor.read(text)).toThrow(Problem);
  };
  fc.assert(fc.property(fc.string({ unit: 'binary' }), refuse));
  fc.assert(fc.property(fc.base64String(), refuse));
  fc.assert(
    fc.property(fc.json(), (text) => {
      refuse(Buffer.from(text).toString('base64url'));
    }),
  );
  refuse(cursorOf('playlists', z.tuple([z.int(), z.string()])).write([1, 'x']));
  refuse(cursor.write([1, 'x']).slice(0, -3));
});

test.each([
  [undefined, false],
  ['', false],
  ['*', true],
  ['"a"', true],
  ['W/"a"', true],
  ['"b", W/"a" ', true],
  ['"b","c"', false],
  ['a', false],
  [`${'"b",'.repeat(2_000)}"a"`, true],
])('If-None-Match: %s', (header, expected) => {
  expect(matchesEtag(header, '"a"')).toBe(expected);
});

test('the next page keeps the filters', () => {
  expect(nextLink({ originalUrl: '/api/v1/videos?text=a%26b&cursor=old&limit=2' }, 'new')).toBe(
    '</api/v1/videos?text=a%26b&cursor=new&limit=2>; rel="next"',
  );
  expect(nextLink({ originalUrl: '/api/v1/videos' }, 'new')).toBe('</api/v1/videos?cursor=new>; rel="next"');
  // Nothing that a client writes ends the header or adds another.
  expect(nextLink({ originalUrl: '/x?a=>;b="<' }, 'new')).toBe(
    '</x?a=%3E%3Bb%3D%22%3C&cursor=new>; rel="next"',
  );
});
