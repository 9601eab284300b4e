import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MAX_PEAK_POINTS, parsePeaks, PeaksReducer } from './peaks.ts';

const samplesArbitrary = fc.array(fc.integer({ min: -32_768, max: 32_767 }), {
  minLength: 1,
  maxLength: 500,
});

/** The samples in chunks that end where these fractions of their bytes do, also within a sample. */
function chunksOf(samples: readonly number[], cuts: readonly number[]): Buffer[] {
  const bytes = Buffer.alloc(2 * samples.length);
  for (const [index, sample] of samples.entries()) bytes.writeInt16LE(sample, 2 * index);
  const places = [0, ...cuts.map((cut) => Math.floor(cut * bytes.length)), bytes.length];
  const sorted = places.toSorted((left, right) => left - right);
  return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end));
}

describe('the reduction to peaks', () => {
  test('each point has the least and the greatest of its samples, however they arrive', () => {
    fc.assert(
      fc.property(
        samplesArbitrary,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 5 }),
        fc.integer({ min: 1, max: 12 }).map((half) => 2 * half),
        (samples, cuts, maxPoints) => {
          const reducer = new PeaksReducer(maxPoints);
          for (const chunk of chunksOf(samples, cuts)) reducer.add(chunk);
          const peaks = reducer.peaks();
          if (peaks === undefined) throw new Error('There are no peaks.');
          const { samples_per_pixel: width, length, data } = peaks;
          expect(length).toBe(Math.ceil(samples.length / width));
          expect(length).toBeLessThanOrEqual(maxPoints);
          // Not fewer than it could have.
          if (samples.length >= maxPoints) expect(length).toBeGreaterThanOrEqual(maxPoints / 2);
          for (let point = 0; point < length; point += 1) {
            const own = samples.slice(point * width, (point + 1) * width).map((sample) => sample >> 8);
            expect(data.slice(2 * point, 2 * point + 2)).toEqual([Math.min(...own), Math.max(...own)]);
          }
        },
      ),
    );
  });

  test('ten hours take as little as ten seconds', () => {
    const reducer = new PeaksReducer();
    const second = Buffer.alloc(16_000, 5);
    for (let at = 0; at < 36_000; at += 1) reducer.add(second);
    const peaks = reducer.peaks();
    expect(peaks?.length).toBeLessThanOrEqual(MAX_PEAK_POINTS);
    expect(JSON.stringify(peaks).length).toBeLessThan(30_000);
  });

  test('of nothing is nothing', () => {
    expect(new PeaksReducer().peaks()).toBeUndefined();
  });
});

describe('a file of peaks', () => {
  const valid = {
    ...{ version: 2, channels: 1, sample_rate: 8_000, samples_per_pixel: 64, bits: 8 },
    ...{ length: 2, data: [-1, 1, -128, 127] },
  };

  test('is read as it was written', () => {
    const reducer = new PeaksReducer(4);
    reducer.add(Buffer.from([1, 255, 3, 4, 128, 128, 0, 0, 0, 127]));
    expect(parsePeaks(JSON.stringify(reducer.peaks()))).toEqual(reducer.peaks());
    expect(parsePeaks(JSON.stringify(valid))).toEqual(valid);
  });

  test.each([
    ['no JSON', '{'],
    ['too few numbers', JSON.stringify({ ...valid, length: 3 })],
    ['a number out of range', JSON.stringify({ ...valid, data: [-1, 1, -129, 127] })],
    ['a text among the numbers', JSON.stringify({ ...valid, data: [-1, 1, '</script>', 127] })],
    ['too many points', JSON.stringify({ ...valid, length: 2_001, data: Array(4_002).fill(0) })],
    ['an unknown field', JSON.stringify({ ...valid, title: '<b>' })],
    ['no point', JSON.stringify({ ...valid, length: 0, data: [] })],
    ['another version', JSON.stringify({ ...valid, version: 1 })],
  ])('with %s is none', (_what, text) => {
    expect(parsePeaks(text)).toBeUndefined();
  });
});
