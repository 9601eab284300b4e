import { describe, expect, test } from '@jest/globals';
import { readAhead } from './first-chunk.ts';
import { toUtf8, type TextEncoding } from './text-encoding.ts';

async function* chunksOf(bytes: Buffer, chunkBytes: number): AsyncGenerator<Buffer> {
  await Promise.resolve();
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

async function decode(bytes: Buffer, encoding: TextEncoding = 'auto', chunkBytes = 4): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of toUtf8(chunksOf(bytes, chunkBytes), encoding)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('toUtf8', () => {
  test('returns UTF-8 unchanged, without byte order mark', async () => {
    expect(await decode(Buffer.from('a,été,ẹ̀kọ́'))).toBe('a,été,ẹ̀kọ́');
    expect(await decode(Buffer.from('\uFEFFa,é'))).toBe('a,é');
  });

  test('detects Latin-1 at the first byte that is not ASCII, and reads it as windows-1252', async () => {
    expect(await decode(Buffer.from('nothing odd so far, then été', 'latin1'))).toBe(
      'nothing odd so far, then été',
    );
    expect(await decode(Buffer.from([0x35, 0x20, 0x80]))).toBe('5 €');
    expect(await decode(Buffer.from('Ã©', 'latin1'), 'latin-1')).toBe('Ã©');
  });

  test('passes invalid UTF-8 on when the encoding is set to UTF-8', async () => {
    const bytes = Buffer.from('é', 'latin1');
    const chunks: Buffer[] = [];
    for await (const chunk of toUtf8(chunksOf(bytes, 1), 'utf-8')) chunks.push(chunk);
    expect(Buffer.concat(chunks)).toEqual(bytes);
  });

  test('reads UTF-16 with a byte order mark, also characters split between chunks', async () => {
    const littleEndian = Buffer.from('\uFEFFa,é,𝄞', 'utf16le');
    expect(await decode(littleEndian, 'auto', 3)).toBe('a,é,𝄞');
    expect(await decode(Buffer.from(littleEndian).swap16(), 'utf-8', 5)).toBe('a,é,𝄞');
  });
});

test('readAhead combines the first chunks and leaves the others unchanged', async () => {
  for (const [sizeBytes, expected] of [
    [5, [6, 2, 2]],
    [50, [10]],
  ] as const) {
    const { first, whole } = await readAhead(chunksOf(Buffer.alloc(10), 2), sizeBytes);
    const sizes: number[] = [];
    for await (const chunk of whole) sizes.push(chunk.length);
    expect(sizes).toEqual(expected);
    expect(first).toHaveLength(expected[0]);
  }
});
