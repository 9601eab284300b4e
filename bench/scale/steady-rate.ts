/**
 * Items a second while all workers had work: without the first item of each, before which nothing had come through, and the last, when
 * some had nothing left.
 * @param times when each item was done, in milliseconds, in order
 * @returns undefined when there are too few
 */
export function steadyRate(times: readonly number[], workers: number): number | undefined {
  const from = times[workers - 1];
  const to = times[times.length - workers - 1];
  if (from === undefined || to === undefined || to <= from) return undefined;
  return (times.length - 2 * workers) / ((to - from) / 1000);
}
