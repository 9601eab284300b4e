/** What decides over a snapshot's stay. */
export interface RetainedSnapshot {
  readonly name: string;
  readonly at: Date;
  /** Its stored bytes were read again and found good, and nothing since has said otherwise. */
  readonly isVerified: boolean;
}

/** How many snapshots are kept: of so many days, weeks and months that have one. */
export interface RetentionPolicy {
  readonly daily: number;
  readonly weekly: number;
  readonly monthly: number;
}

/** What is to become of a snapshot, and why. */
export interface RetentionDecision {
  readonly name: string;
  readonly isKept: boolean;
  readonly reasons: readonly RetentionReason[];
}
export type RetentionReason =
  'daily' | 'weekly' | 'monthly' | 'newest' | 'nothing newer is verified' | 'superseded';

const DAY_MS = 86_400_000;

/**
 * Decides which snapshots stay: the newest verified one of each of the last days, weeks (from Monday) and months (all in
 * UTC) that have one. Only verified ones fill these places, so that one that cannot be read pushes none out that can;
 * and none goes unless a newer one is verified.
 * @returns newest first.
 */
export function planRetention(
  snapshots: readonly RetainedSnapshot[],
  policy: RetentionPolicy,
): RetentionDecision[] {
  const newestFirst = [...snapshots].sort(
    (left, right) => right.at.getTime() - left.at.getTime() || (left.name < right.name ? 1 : -1),
  );
  const verified = newestFirst.filter(({ isVerified }) => isVerified);
  const tiers: readonly [RetentionReason, ReadonlySet<string>][] = [
    ['daily', newestOfEach(verified, dayOf, policy.daily)],
    ['weekly', newestOfEach(verified, weekOf, policy.weekly)],
    ['monthly', newestOfEach(verified, monthOf, policy.monthly)],
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
