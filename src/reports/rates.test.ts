import { describe, expect, test } from '@jest/globals';
import { everyStep, rateOver, secondsLeft, STEP_MS, type Step } from './rates.ts';

const NOW = new Date('2026-01-31T12:05:00Z');
const HOUR_MS = 3_600_000;

function step(minutesAgo: number, videos: number, audioSeconds = 0): Step {
  const at = new Date(Math.floor((NOW.getTime() - minutesAgo * 60_000) / STEP_MS) * STEP_MS);
  return { at, videos, audioSeconds, bytes: videos * 1_000, failed: 1 };
}

describe('a rate', () => {
  test.each([
    ['nothing', [], { videos: 0, videosPerHour: 0, realTimeFactor: 0, failed: 0 }],
    ['the present step alone', [step(0, 13)], { videos: 13, videosPerHour: 12, failed: 1 }],
    ['a step at the edge', [step(60, 13)], { videos: 13, videosPerHour: 12 }],
    ['a step before the edge', [step(70, 13)], { videos: 0 }],
    ['a clock that is ahead', [step(-20, 13)], { videos: 0 }],
    ['an hour of audio a minute', [step(0, 1, 65 * 60 * 60)], { realTimeFactor: 60 }],
  ])('of %s', (_what, steps, expected) => {
    const rate = rateOver(steps, NOW, HOUR_MS);
    // From 11:00 to 12:05.
    expect(rate.seconds).toBe(65 * 60);
    expect(rate).toMatchObject(expected);
  });

  test.each([
    [0, 0, 0],
    [0, 10, 0],
    [10, 0, null],
    [10, 5, 7_200],
    [1, 0.001, 3_600_000],
  ])('%i videos at %d an hour take %p s', (waiting, videosPerHour, seconds) => {
    expect(secondsLeft(waiting, { videosPerHour })).toBe(seconds);
  });
});

test('all steps of a window are there, in order, whether something happened or not', () => {
  const steps = everyStep([step(0, 1), step(30, 2)], NOW, HOUR_MS);
  expect(steps.map(({ videos }) => videos)).toEqual([0, 0, 0, 2, 0, 0, 1]);
  expect(steps[0]?.at).toEqual(new Date('2026-01-31T11:00:00Z'));
});
