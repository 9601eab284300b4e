import { describe, expect, test } from '@jest/globals';
import { faultSchedule, killSchedule, type ExchangeFault, type Kill } from './schedule.ts';

const VICTIMS = ['worker', 'redis', 'minio', 'azure'] as const;
const kills = (seed: number, count = 500): Kill[] => killSchedule(seed, VICTIMS).take(count).toArray();
const faults = (seed: number, name: string, share: number, count = 20_000): ExchangeFault[] => {
  const next = faultSchedule(seed, name, share);
  return Array.from({ length: count }, next);
};

describe('the schedule of kills', () => {
  test('is the same for the same seed', () => {
    expect(kills(1)).toEqual(kills(1));
    expect(kills(1)).not.toEqual(kills(2));
  });

  test('kills every 2 to 5 s, each kind of victim, for up to 2 s', () => {
    const all = kills(7);
    expect(all.every(({ afterMs }) => afterMs >= 2_000 && afterMs <= 5_000)).toBe(true);
    expect(all.every(({ downMs, which }) => downMs >= 0 && downMs <= 2_000 && which >= 0 && which < 1)).toBe(
      true,
    );
    expect(new Set(all.map(({ victim }) => victim))).toEqual(new Set(VICTIMS));
    const workers = all.filter(({ victim }) => victim === 'worker').length;
    expect(workers).toBeGreaterThan(200);
    expect(workers).toBeLessThan(350);
  });
});

describe('the schedule of faults', () => {
  test('is the same for the same seed and name', () => {
    expect(faults(1, 'minio', 0.03)).toEqual(faults(1, 'minio', 0.03));
    expect(faults(1, 'minio', 0.03)).not.toEqual(faults(1, 'azure', 0.03));
    expect(faults(1, 'minio', 0.03)).not.toEqual(faults(2, 'minio', 0.03));
  });

  test('breaks the given share of exchanges, with each kind of fault', () => {
    const hits = faults(3, 'redis', 0.03).filter(({ kind }) => kind !== 'none');
    expect(hits.length).toBeGreaterThan(480);
    expect(hits.length).toBeLessThan(720);
    expect(new Set(hits.map(({ kind }) => kind)).size).toBe(5);
    expect(faults(3, 'redis', 0).every(({ kind }) => kind === 'none')).toBe(true);
  });
});
