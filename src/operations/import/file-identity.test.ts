import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { identifyByName, youtubeIdOfAddress } from './file-identity.ts';

describe('the name of a file', () => {
  test.each([
    ['Never Gonna Give You Up [dQw4w9WgXcQ].mp3', 'dQw4w9WgXcQ', 'Never Gonna Give You Up'],
    ['2026-01-31 Rain [a-b_c1D2e3F] (live).m4a', 'a-b_c1D2e3F', '2026-01-31 Rain (live)'],
    ['[Remastered1] Rain [dQw4w9WgXcQ].opus', 'dQw4w9WgXcQ', '[Remastered1] Rain'],
    ['Never Gonna Give You Up-dQw4w9WgXcQ.mp3', 'dQw4w9WgXcQ', 'Never Gonna Give You Up'],
    ['Rain--dashAtBeg1.mp3', '-dashAtBeg1', 'Rain'],
    ['dQw4w9WgXcQ.webm', 'dQw4w9WgXcQ', 'dQw4w9WgXcQ'],
    ['Live-performance.mp3', undefined, 'Live-performance'],
    ['Song-Remastered1.mp3', undefined, 'Song-Remastered1'],
    ['Talk [performance].mp3', undefined, 'Talk [performance]'],
    ['performance.mp3', undefined, 'performance'],
    ['Rain [short].mp3', undefined, 'Rain [short]'],
    ['', undefined, ''],
  ])('%j', (name, youtubeId, title) => {
    expect(identifyByName(name)).toEqual({ title, ...(youtubeId && { youtubeId }) });
  });

  test('of any characters is read, in no time', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 255 }), (name) => {
        const { youtubeId } = identifyByName(name);
        if (youtubeId !== undefined) expect(youtubeId).toMatch(/^[\w-]{11}$/);
      }),
    );
    const startedAt = performance.now();
    identifyByName('[aaaaaaaaaaa]'.repeat(20_000));
    identifyByName(`${'-a1'.repeat(80_000)}x`);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});

describe('an address in a tag', () => {
  test.each([
    ['https://www.youtube.com/watch?v=dQw4w9WgXcQ', 'dQw4w9WgXcQ'],
    [' https://youtu.be/dQw4w9WgXcQ ', 'dQw4w9WgXcQ'],
    ['https://www.youtube.com/shorts/dQw4w9WgXcQ', 'dQw4w9WgXcQ'],
    ['https://www.youtube.com/@someone', undefined],
    ['https://example.org/watch?v=dQw4w9WgXcQ', undefined],
    ['dQw4w9WgXcQ', undefined],
    ['performance', undefined],
    ['A comment of somebody', undefined],
  ])('%j', (text, id) => {
    expect(youtubeIdOfAddress(text)).toBe(id);
  });
});
