import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { measureStream } from './measured-stream.ts';

const measure = (source: Readable, expectedBytes: number) => {
  let seen = 0;
  const stream = measureStream(source, {
    expectedBytes,
    onBytes: (moved) => {
      seen += moved;
    },
    what: 'reading x',
  });
  return { stream, seen: () => seen };
};

describe('a measured stream', () => {
  test('passes the bytes on and counts them', async () => {
    const { stream, seen } = measure(Readable.from([Buffer.from('abc'), Buffer.from('de')]), 5);
    expect(String(await buffer(stream))).toBe('abcde');
    expect(seen()).toBe(5);
  });

  test.each([
    ['less', 6],
    ['more', 4],
  ])('%s than expected is an error', async (_what, expectedBytes) => {
    const { stream } = measure(Readable.from([Buffer.from('abcde')]), expectedBytes);
    await expect(buffer(stream)).rejects.toMatchObject({ errorClass: 'network' });
  });

  test('an error of the source reaches the reader', async () => {
    const source = new Readable({ read: () => undefined });
    const { stream } = measure(source, 5);
    source.destroy(Object.assign(new Error('gone'), { code: 'ECONNRESET' }));
    await expect(buffer(stream)).rejects.toMatchObject({ errorClass: 'network' });
  });

  test('a source that closes midway without an error is an error too', async () => {
    const source = new Readable({ read: () => undefined });
    source.push(Buffer.from('ab'));
    const { stream } = measure(source, 5);
    source.destroy();
    await expect(buffer(stream)).rejects.toMatchObject({ errorClass: 'network' });
  });

  test('when the reader stops, the source is closed', async () => {
    const source = new Readable({ read: () => undefined });
    const { stream } = measure(source, 5);
    const closed = new Promise((resolve) => source.once('close', resolve));
    stream.destroy();
    await closed;
    expect(source.destroyed).toBe(true);
  });
});
