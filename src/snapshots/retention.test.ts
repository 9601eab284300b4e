import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { planRetention, type RetainedSnapshot } from './retention.ts';

const POLICY = { daily: 7, weekly: 4, monthly: 12 };

/** `2026-03-01` is verified, `2026-03-01?` is not. */
function snapshotOf(text: string): RetainedSnapshot {
  const day = text.replace('?', '');
  return {
    name: text,
    at: new Date(day.includes('T') ? day : `${day}T03:30:00Z`),
    isVerified: !text.endsWith('?'),
  };
}
const kept = (texts: readonly string[], policy = POLICY) =>
  planRetention(texts.map(snapshotOf), policy)
    .filter(({ isKept }) => isKept)
    .map(({ name }) => name);
const daysFrom = (first: string, count: number) =>
  Array.from({ length: count }, (_, index) =>
    new Date(Date.parse(first) + index * 86_400_000).toISOString().slice(0, 10),
  );

describe('which snapshots are kept', () => {
  test('of daily snapshots of two years: 7 days, 4 weeks and 12 months', () => {
    const names = kept(daysFrom('2024-07-01', 730));
    expect(names).toEqual([
      // 2026-06-30 is a Tuesday.
      ...['2026-06-30', '2026-06-29', '2026-06-28', '2026-06-27', '2026-06-26', '2026-06-25', '2026-06-24'],
      ...['2026-06-21', '2026-06-14'],
      ...['2026-05-31', '2026-04-30', '2026-03-31', '2026-02-28', '2026-01-31', '2025-12-31'],
      ...['2025-11-30', '2025-10-31', '2025-09-30', '2025-08-31', '2025-07-31'],
    ]);
  });

  test.each([
    ['the newest of a day is kept', ['2026-03-01T03:30Z', '2026-03-01T09:00Z'], ['2026-03-01T09:00Z']],
    [
      'an unverified snapshot takes no place of a verified one',
      ['2026-03-01T03:30Z', '2026-03-01T09:00Z?'],
      ['2026-03-01T09:00Z?', '2026-03-01T03:30Z'],
    ],
    [
      'without a verified snapshot, none is pruned',
      ['2026-03-01?', '2026-03-02?'],
      ['2026-03-02?', '2026-03-01?'],
    ],
    [
      'an unverified snapshot is pruned when a newer one is verified',
      ['2026-03-01?', '2026-03-02'],
      ['2026-03-02'],
    ],
    ['a single snapshot is kept', ['2026-03-01'], ['2026-03-01']],
    ['no snapshots', [], []],
  ])('%s', (_what, all, expected) => {
    expect(kept(all)).toEqual(expected);
  });

  test('the decision has its reasons', () => {
    expect(
      planRetention(['2026-03-01', '2026-03-02', '2026-03-02T09:00Z?'].map(snapshotOf), {
        daily: 1,
        weekly: 2,
        monthly: 0,
      }),
    ).toEqual([
      { name: '2026-03-02T09:00Z?', isKept: true, reasons: ['nothing newer is verified'] },
      { name: '2026-03-02', isKept: true, reasons: ['daily', 'weekly', 'newest'] },
      { name: '2026-03-01', isKept: true, reasons: ['weekly'] },
    ]);
  });

  const snapshots = fc
    .uniqueArray(fc.record({ hours: fc.nat(24 * 800), isVerified: fc.boolean() }), {
      selector: ({ hours }) => hours,
      maxLength: 60,
    })
    .map((all) =>
      all.map(({ hours, isVerified }) => ({
        name: `v${String(hours)}`,
        at: new Date(1_770_000_000_000 + hours * 3_600_000),
        isVerified,
      })),
    );
  const policy = fc.record({ daily: fc.nat(8), weekly: fc.nat(5), monthly: fc.nat(13) });

  test('for any snapshots and policy, none is pruned that must be kept, and a second run prunes nothing', () => {
    fc.assert(
      fc.property(snapshots, policy, (all, wanted) => {
        const plan = planRetention(all, wanted);
        expect(plan.map(({ name }) => name).sort()).toEqual(all.map(({ name }) => name).sort());
        const verified = all
          .filter(({ isVerified }) => isVerified)
          .sort((a, b) => b.at.getTime() - a.at.getTime());
        const pruned = new Set(plan.filter(({ isKept }) => !isKept).map(({ name }) => name));
        const [newest] = verified;
        for (const snapshot of all.filter(({ name }) => pruned.has(name))) {
          expect(snapshot).not.toBe(newest);
          expect(newest !== undefined && newest.at > snapshot.at).toBe(true);
        }
        // Unverified snapshots do not change the decisions about verified ones.
        const alone = planRetention(verified, wanted).filter(({ isKept }) => !isKept);
        for (const { name } of alone) expect(pruned.has(name)).toBe(true);
        expect(verified.filter(({ name }) => pruned.has(name))).toHaveLength(alone.length);
        expect(verified.length - alone.length).toBeLessThanOrEqual(
          Math.max(1, wanted.daily + wanted.weekly + wanted.monthly),
        );
        const rest = all.filter(({ name }) => !pruned.has(name));
        expect(planRetention(rest, wanted).every(({ isKept }) => isKept)).toBe(true);
      }),
    );
  });
});
