import { describe, expect, test } from '@jest/globals';
import { checkAudio, type AudioExpectation, type ProbedAudio } from './probe.ts';

const found = (changes: Partial<ProbedAudio> = {}): ProbedAudio => ({
  codec: 'mp3',
  bitrate: 320_000,
  sampleRate: 44_100,
  channels: 2,
  durationSeconds: 100,
  ...changes,
});
const expected = (changes: Partial<AudioExpectation> = {}): AudioExpectation => ({
  profile: 'mp3-320',
  announcedSeconds: [],
  source: 'yt-dlp',
  isTruncated: false,
  ...changes,
});

describe('checkAudio', () => {
  test.each([
    [100, 102, true],
    [100, 102.1, false],
    [100, 98, true],
    [100, 97.9, false],
    [3600, 3636, true],
    [3600, 3637, false],
    [1, 3, true],
  ])('%d s where %d s were announced passes: %s', (durationSeconds, announced, passes) => {
    const check = () => {
      checkAudio(found({ durationSeconds }), expected({ announcedSeconds: [announced] }));
    };
    if (passes) expect(check).not.toThrow();
    else expect(check).toThrow(/lasts/);
  });

  test.each([
    [
      'shorter than the site announced',
      found(),
      expected({ announcedSeconds: [200, 190] }),
      'truncated_media',
    ],
    ['longer than announced', found(), expected({ announcedSeconds: [50] }), 'broken_media'],
    [
      'that has not arrived whole',
      found(),
      expected({ announcedSeconds: [200], sourceSeconds: 200 }),
      'truncated_media',
    ],
    ['whose end is missing, of unknown length', found(), expected({ sourceSeconds: 200 }), 'truncated_media'],
    [
      'that is whole, with another length than announced',
      found(),
      expected({ announcedSeconds: [200, 190], sourceSeconds: 100 }),
      'wrong_duration',
    ],
    [
      'that another host of SaveTube may serve whole',
      found(),
      expected({ announcedSeconds: [200], sourceSeconds: 100, source: 'savetube' }),
      'truncated_media',
    ],
    ['cut off at the source', found(), expected({ isTruncated: true }), 'truncated_media'],
    ['of another codec', found({ codec: 'aac' }), expected(), 'broken_media'],
    ['of another bitrate', found({ bitrate: 160_000 }), expected(), 'broken_media'],
  ])('a file %s fails', (_what, properties, expectation, errorClass) => {
    expect(() => {
      checkAudio(properties, expectation);
    }).toThrow(expect.objectContaining({ errorClass }));
  });

  test.each([
    ['the video', expected({ announcedSeconds: [100, 200] })],
    ['the format, where the video lasts longer', expected({ announcedSeconds: [200, 100] })],
    ['the site, where the header is wrong', expected({ announcedSeconds: [100], sourceSeconds: 3600 })],
    ['the header, where nothing is announced', expected({ sourceSeconds: 100 })],
    [
      'the header, where a feed is wrong',
      expected({ announcedSeconds: [200], sourceSeconds: 100, source: 'http' }),
    ],
  ])('a file that is as long as %s says passes', (_what, expectation) => {
    expect(() => {
      checkAudio(found(), expectation);
    }).not.toThrow();
  });

  test('the original may have any codec', () => {
    expect(() => {
      checkAudio(found({ codec: 'opus', bitrate: 96_000 }), expected({ profile: 'original' }));
    }).not.toThrow();
  });
});
