import { expect, test } from '@jest/globals';
import { about, bytes, duration } from './quantities.ts';
import type { ScaleInputs } from './scale-inputs.ts';
import { scalePage } from './scale-page.ts';
import { needs, STEPS } from './scale-steps.ts';

const INPUTS: ScaleInputs = {
  bytes: { waiting: 400, mirrored: 2_000, attempt: 300, item: 200, job: 1_000 },
  indexBytes: { waiting: 500, mirrored: 600, attempt: 100, item: 200 },
  listMsAnObject: 0.02,
  reconcileSecondsAVideo: 0.000_1,
  reconcileMegabytes: 250,
  reconcileVideos: 100_000,
  redisCommandsAnItem: 100,
  redisMsAnItem: 5,
  mongoMsAnItem: 10,
  workerMsAnItem: 30,
  redisConnectionsAWorker: 10,
  cpuSecondsAVideo: 4,
};

test('the needs of a step follow from the measured figures', () => {
  const step = STEPS[2];
  expect(step).toMatchObject({ videos: 1_000_000, workers: 100 });
  expect(needs(INPUTS, step)).toMatchObject({
    // 1,000,000 / (300 × 24 × 90) = 1.54
    addresses: 2,
    slow: 600 / 3_600,
    fast: 25,
    oneAddressSeconds: 12_000_000,
    audioBytes: 9.6e12,
    allJobsBytes: 1e9,
    // 2,000 + 200 + 3 × 300 a video
    recordBytes: 3.1e9,
    indexBytes: 1.1e9,
    reconcileSeconds: 100,
    // 1,000,000 / 2,000,000
    countSeconds: 0.5,
    summedBytes: 2e9,
    listSeconds: 20,
    connections: 1_000,
  });
});

test('the page says them with two digits that count, and no figure is missing', () => {
  const page = scalePage(INPUTS);
  expect(page).not.toMatch(/NaN|Infinity|undefined/);
  // 100,000 videos at 300 an hour.
  expect(page).toContain('One address takes 14 days');
  // 5 ms of one processor for each video.
  expect(page).toContain('full at about 200 videos a second');
  // 15,000 videos of 9.6 MB.
  expect(page).toContain('144 GB × $0.018 | $2.59 a month');
});

test.each([
  [about(0), '0'],
  [about(0.001_234), '0.0012'],
  [about(9.96), '10.0'],
  [about(1_234_567), '1,200,000'],
  [bytes(999), '1,000 B'],
  [bytes(1_500_000_000), '1.5 GB'],
  [duration(90), '90 s'],
  [duration(5_400), '90 min'],
  [duration(86_400), '24 h'],
  [duration(12_000_000), '140 days'],
])('%s', (shown, expected) => {
  expect(shown).toBe(expected);
});
