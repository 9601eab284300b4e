import { crc32, inflateSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { COVER_PIXELS } from '../../media/square-cover.ts';
import { tagBytes } from './covers.ts';
import { plainCover } from './plain-cover.ts';

describe('the length of an ID3 tag', () => {
  test.each([
    ['ID3', [4, 0, 0, 0, 0, 2, 1], 267],
    ['ID3', [3, 0, 0, 0x7f, 0x7f, 0x7f, 0x7f], 268_435_465],
    // The highest bits do not count.
    ['ID3', [3, 0, 0, 0xff, 0xff, 0xff, 0xff], 268_435_465],
    ['XXX', [3, 0, 0, 0, 0, 0, 9], 0],
  ])('%s %j: %d bytes', (mark, bytes, expected) => {
    expect(tagBytes(Buffer.from([...Buffer.from(mark), ...bytes]))).toBe(expected);
  });

  test('of a file that is shorter than its beginning', () => {
    expect(tagBytes(Buffer.from('ID3'))).toBe(0);
  });
});

test('the plain cover is a whole PNG of the size that players ask for', () => {
  const png = plainCover();
  const chunks = new Map<string, Buffer>();
  let at = 8;
  while (at < png.length) {
    const length = png.readUInt32BE(at);
    const body = png.subarray(at + 4, at + 8 + length);
    expect(png.readUInt32BE(at + 8 + length)).toBe(crc32(body));
    chunks.set(body.toString('latin1', 0, 4), body.subarray(4));
    at += 12 + length;
  }
  const header = chunks.get('IHDR');
  expect([header?.readUInt32BE(0), header?.readUInt32BE(4)]).toEqual([COVER_PIXELS, COVER_PIXELS]);
  expect(inflateSync(chunks.get('IDAT') ?? Buffer.alloc(0))).toHaveLength(COVER_PIXELS * (COVER_PIXELS + 1));
  expect([...chunks.keys()]).toEqual(['IHDR', 'PLTE', 'IDAT', 'IEND']);
});
