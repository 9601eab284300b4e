import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parsePlaylistLines, readPlaylistLines, type PlaylistLine } from './playlist-lines.ts';

const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
};
const read = (...chunks: readonly Buffer[]): Promise<PlaylistLine[]> =>
  collect(readPlaylistLines(chunks, 'playlist.txt'));
const numbered = (lines: readonly PlaylistLine[]) => lines.map((line) => [line.number, line.text]);

describe('lines of a playlist file', () => {
  test('comments, empty lines, byte order mark, line endings and spaces are removed', async () => {
    const text = '\uFEFFfirst  \r\n\r\n# comment\n  # indented\nsecond # why\n\thttps://x/#part\t\r\nlast';
    expect(numbered(await read(Buffer.from(text)))).toEqual([
      [1, 'first'],
      [5, 'second'],
      [6, 'https://x/#part'],
      [7, 'last'],
    ]);
  });

  test('an empty file has no lines', async () => {
    expect(await read()).toEqual([]);
    expect(await read(Buffer.from('\uFEFF'))).toEqual([]);
    expect(await read(Buffer.from('\n\r\n #\n'))).toEqual([]);
  });

  test('a very long line is truncated and the next one is complete', async () => {
    const lines = await read(
      ...Array.from({ length: 100 }, () => Buffer.alloc(10_000, 'x')),
      Buffer.from('\nnext'),
    );
    expect(lines.map((line) => line.text.length)).toEqual([8192, 4]);
  });

  test('the result does not depend on the chunks of the stream', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme' }),
        fc.integer({ min: 1, max: 5 }),
        async (text, size) => {
          const bytes = Buffer.from(text);
          const chunks = [];
          for (let from = 0; from < bytes.length; from += size)
            chunks.push(bytes.subarray(from, from + size));
          expect(await read(...chunks)).toEqual(await read(bytes));
        },
      ),
    );
  });
});

describe('parsing lines', () => {
  test('an invalid line or a duplicate does not stop the others', async () => {
    const lines = ['dQw4w9WgXcQ', 'file:///etc/passwd', 'https://youtu.be/dQw4w9WgXcQ', '@handle'].map(
      (text, index) => ({ source: 'argument', number: index + 1, text }),
    );
    const found = await collect(parsePlaylistLines(lines));
    expect(found.map((entry) => entry.type)).toEqual(['reference', 'problem', 'duplicate', 'reference']);
    expect(found[2]).toMatchObject({ first: { number: 1 } });
  });
});
