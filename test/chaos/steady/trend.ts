export interface Point {
  /** Milliseconds since the start of the run. */
  readonly atMs: number;
  readonly value: number;
}

export interface Trend {
  readonly figure: string;
  readonly first: number;
  readonly last: number;
  readonly peak: number;
  /** Of the least-squares line through the second half of the run. */
  readonly slopePerHour: number;
  /** How far that line rises from the middle of the run to its end. */
  readonly growth: number;
  /** The most it may rise. */
  readonly limit: number;
  readonly isFlat: boolean;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/**
 * Uses the second half of a run, as caches and code warm up in the first. The growth is compared with the limit, not
 * the slope: the slope of a short run is mostly noise.
 * @param linePoints those through which the line is drawn; all points by default.
 * @throws RangeError without points.
 */
export function trendOf(figure: string, points: readonly Point[], limit: number, linePoints = points): Trend {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) throw new RangeError(`${figure} was never measured.`);
  const middleMs = (first.atMs + last.atMs) / 2;
  const secondHalf = linePoints.filter(({ atMs }) => atMs >= middleMs);
  const slopePerMs = slopeOf(secondHalf);
  const growth = slopePerMs * (last.atMs - (secondHalf[0]?.atMs ?? last.atMs));
  return {
    figure,
    first: first.value,
    last: last.value,
    peak: points.reduce((most, { value }) => Math.max(most, value), first.value),
    slopePerHour: slopePerMs * HOUR_MS,
    growth,
    limit,
    isFlat: growth <= limit,
  };
}

/** The minimum of each minute: the memory right after garbage collection. */
export function minimumPerMinute(points: readonly Point[]): Point[] {
  const least = new Map<number, Point>();
  for (const point of points) {
    const minute = Math.floor(point.atMs / MINUTE_MS);
    if (point.value < (least.get(minute)?.value ?? Infinity)) least.set(minute, point);
  }
  return [...least.values()];
}

/** The slope of the least-squares line per millisecond; 0 for fewer than two points in time. */
function slopeOf(points: readonly Point[]): number {
  const mean = (of: (point: Point) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [meanMs, meanValue] = [mean(({ atMs }) => atMs), mean(({ value }) => value)];
  let covariance = 0;
  let variance = 0;
  for (const { atMs, value } of points) {
    covariance += (atMs - meanMs) * (value - meanValue);
    variance += (atMs - meanMs) ** 2;
  }
  return variance === 0 ? 0 : covariance / variance;
}
