import type { SnapshotConfig } from '../config/config.ts';

export interface RetainedSnapshot {
  readonly name: string;
  readonly at: Date;
  /** The latest verification of its stored bytes succeeded. */
  readonly isVerified: boolean;
}

export interface RetentionDecision {
  readonly name: string;
  readonly isKept: boolean;
  readonly reasons: readonly RetentionReason[];
}
export type RetentionReason =
  'daily' | 'weekly' | 'monthly' | 'newest' | 'nothing newer is verified' | 'superseded';

const DAY_MS = 86_400_000;

/**
 * Decides which snapshots are kept: the newest verified one of each of the last days, weeks (from Monday) and months, all
 * in UTC, that have one. Unverified snapshots take no place of verified ones, and no snapshot is pruned unless a newer
 * one is verified.
 * @param keep for how many days, weeks and months that have a verified snapshot one is kept.
 * @returns the decisions, newest snapshot first.
 */
export function planRetention(
  snapshots: readonly RetainedSnapshot[],
  keep: SnapshotConfig['keep'],
): RetentionDecision[] {
  const newestFirst = [...snapshots].sort(
    (left, right) => right.at.getTime() - left.at.getTime() || (left.name < right.name ? 1 : -1),
  );
  const verified = newestFirst.filter(({ isVerified }) => isVerified);
  const tiers: readonly [RetentionReason, ReadonlySet<string>][] = [
    ['daily', newestOfEach(verified, dayOf, keep.daily)],
    ['weekly', newestOfEach(verified, weekOf, keep.weekly)],
    ['monthly', newestOfEach(verified, monthOf, keep.monthly)],
  ];
  const newest = verified[0];
  return newestFirst.map((snapshot): RetentionDecision => {
    const { name, at } = snapshot;
    const reasons = tiers.filter(([, names]) => names.has(name)).map(([tier]) => tier);
    if (snapshot === newest) reasons.push('newest');
    const isSuperseded = newest !== undefined && newest !== snapshot && newest.at > at;
    if (!isSuperseded && snapshot !== newest) reasons.push('nothing newer is verified');
    return reasons.length > 0
      ? { name, isKept: true, reasons }
      : { name, isKept: false, reasons: ['superseded'] };
  });
}

function newestOfEach(
  newestFirst: readonly RetainedSnapshot[],
  periodOf: (at: Date) => number,
  periods: number,
): ReadonlySet<string> {
  const byPeriod = new Map<number, string>();
  for (const { name, at } of newestFirst) {
    const period = periodOf(at);
    if (byPeriod.has(period)) continue;
    if (byPeriod.size >= periods) break;
    byPeriod.set(period, name);
  }
  return new Set(byPeriod.values());
}

function dayOf(at: Date): number {
  return Math.floor(at.getTime() / DAY_MS);
}

/** January 1, 1970 was a Thursday. */
function weekOf(at: Date): number {
  return Math.floor((dayOf(at) + 3) / 7);
}

function monthOf(at: Date): number {
  return at.getUTCFullYear() * 12 + at.getUTCMonth();
}
