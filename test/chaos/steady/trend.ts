/** A figure at one moment of a run. */
export interface Point {
  /** Milliseconds since the run began. */
  readonly atMs: number;
  readonly value: number;
}

/** How a figure went, and whether it stayed flat. */
export interface Trend {
  readonly figure: string;
  readonly first: number;
  readonly last: number;
  readonly peak: number;
  /** Of the line of least squares through the second half of the run. */
  readonly slopePerHour: number;
  /** How far that line climbs from the middle of the run to its end. */
  readonly growth: number;
  /** The most that it may climb. */
  readonly limit: number;
  readonly isFlat: boolean;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/**
 * Judges a figure by the second half of a run, as the first is for caches and code to warm up. Growth and not the
 * slope is held against the limit: the slope of a short run is mostly noise.
 * @param judgedPoints those through which the line is drawn, all of them unless given.
 * @throws RangeError without points.
 */
export function trendOf(
  figure: string,
  points: readonly Point[],
  limit: number,
  judgedPoints = points,
): Trend {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) throw new RangeError(`${figure} was never measured.`);
  const middleMs = (first.atMs + last.atMs) / 2;
  const judged = judgedPoints.filter(({ atMs }) => atMs >= middleMs);
  const slopePerMs = slopeOf(judged);
  const growth = slopePerMs * (last.atMs - (judged[0]?.atMs ?? last.atMs));
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

/** The least value of each minute: what a process holds when the garbage collector has just run. */
export function minima(points: readonly Point[]): Point[] {
  const least = new Map<number, Point>();
  for (const point of points) {
    const minute = Math.floor(point.atMs / MINUTE_MS);
    if (point.value < (least.get(minute)?.value ?? Infinity)) least.set(minute, point);
  }
  return [...least.values()];
}

/** The slope of the line of least squares, for each millisecond; 0 through fewer than two moments. */
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
