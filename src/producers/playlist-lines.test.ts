import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { interpretPlaylistLines, readPlaylistLines, type PlaylistLine } from './playlist-lines.ts';

const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
};
const read = (...chunks: readonly Buffer[]): Promise<PlaylistLine[]> =>
  collect(readPlaylistLines(chunks, 'playlist.txt'));
const numbered = (lines: readonly PlaylistLine[]) => lines.map((line) => [line.number, line.text]);

describe('lines of a playlist file', () => {
  test('comments, empty lines, byte order mark, line ends and spaces are no part of a line', async () => {
    const text = '\uFEFFfirst  \r\n\r\n# comment\n  # indented\nsecond # why\n\thttps://x/#part\t\r\nlast';
    expect(numbered(await read(Buffer.from(text)))).toEqual([
      [1, 'first'],
      [5, 'second'],
      [6, 'https://x/#part'],
      [7, 'last'],
    ]);
  });

  test('nothing gives nothing', async () => {
    expect(await read()).toEqual([]);
    expect(await read(Buffer.from('\uFEFF'))).toEqual([]);
    expect(await read(Buffer.from('\n\r\n #\n'))).toEqual([]);
  });

  test('an endless line is cut and the next one is whole', async () => {
    const lines = await read(
      ...Array.from({ length: 100 }, () => Buffer.alloc(10_000, 'x')),
      Buffer.from('\nnext'),
    );
    expect(lines.map((line) => line.text.length)).toEqual([8192, 4]);
  });

  test('the chunks a file arrives in do not matter', async () => {
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

describe('understanding lines', () => {
  test('each line has its own fate and the rest goes on', async () => {
    const lines = ['dQw4w9WgXcQ', 'file:///etc/passwd', 'https://youtu.be/dQw4w9WgXcQ', '@handle'].map(
      (text, index) => ({ source: 'argument', number: index + 1, text }),
    );
    const found = await collect(interpretPlaylistLines(lines));
    expect(found.map((entry) => entry.type)).toEqual(['reference', 'problem', 'duplicate', 'reference']);
    expect(found[2]).toMatchObject({ first: { number: 1 } });
  });
});
