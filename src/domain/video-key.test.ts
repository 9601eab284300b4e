import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseVideoDocumentId, parseVideoKey, videoDocumentId } from './video-key.ts';

describe('video keys', () => {
  test.each([
    ['youtube', 'dQw4w9WgXcQ', true],
    ['youtube', '12345678901', true],
    ['youtube', 'short', false],
    ['youtube', 'dQw4w9WgXcQ\n', false],
    ['youtube', '../../../etc', false],
    ['http', 'a'.repeat(64), true],
    ['http', 'A'.repeat(64), false],
    ['ftp', 'dQw4w9WgXcQ', false],
  ])('%s %j is a key: %s', (provider, videoId, expected) => {
    expect(parseVideoKey(provider, videoId) !== undefined).toBe(expected);
  });

  test('a document id reads back to the same key, has no colon and is never all digits', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\w-]{11}$/), (videoId) => {
        const key = { provider: 'youtube', videoId } as const;
        const id = videoDocumentId(key);
        expect(parseVideoDocumentId(id)).toEqual(key);
        expect(id).not.toMatch(/:|^\d+$/);
      }),
    );
  });

  test('an id without a provider is invalid', () => {
    expect(parseVideoDocumentId('dQw4w9WgXcQ')).toBeUndefined();
  });
});
