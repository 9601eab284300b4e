import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  assertObjectName,
  audioObjectName,
  objectNameProblem,
  parseAudioObjectName,
} from './object-names.ts';

describe('names of audio objects', () => {
  test('consist of provider, id and format, and can be parsed', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[\w-]{11}$/),
        fc.stringMatching(/^[a-z0-9]{1,8}$/),
        (videoId, format) => {
          const key = { provider: 'youtube', videoId } as const;
          const name = audioObjectName(key, format);
          expect(name).toBe(`audio/youtube/${videoId}.${format}`);
          expect(parseAudioObjectName(name)).toEqual({ key, format });
          expect(objectNameProblem(name)).toBeUndefined();
        },
      ),
    );
  });

  test.each(['../x', 'MP3', '', 'mp3/..', 'mp3\n'])('format %j is rejected', (format) => {
    expect(() => audioObjectName({ provider: 'youtube', videoId: 'dQw4w9WgXcQ' }, format)).toThrow(
      RangeError,
    );
  });

  test.each([
    'audio/youtube/x.mp3',
    'audio/ftp/dQw4w9WgXcQ.mp3',
    'x/audio/youtube/dQw4w9WgXcQ.mp3',
    'audio/youtube/dQw4w9WgXcQ.mp3\n',
  ])('%j is not one', (name) => {
    expect(parseAudioObjectName(name)).toBeUndefined();
  });
});

describe('names in general', () => {
  test.each([
    '',
    '/a',
    'a/',
    'a//b',
    'a/../b',
    './a',
    'a\\b',
    'a\u0001b',
    'a\nb',
    'a\u007fb',
    '\ue000',
    '\uffff',
    '\ud800',
    'a./b',
    'é'.repeat(513),
    Array.from({ length: 255 }, () => 'a').join('/'),
  ])('%j is rejected', (name) => {
    expect(objectNameProblem(name)).toBeDefined();
    expect(() => {
      assertObjectName(name);
    }).toThrow(RangeError);
  });

  test.each(['a', 'a b/ü+%&?#.txt', '😀/x', 'a'.repeat(1024)])('%j is allowed', (name) => {
    expect(objectNameProblem(name)).toBeUndefined();
  });
});
