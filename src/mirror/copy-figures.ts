import { formatBytes, formatDuration } from '../text/units.ts';

/** How far a run of the mirror is. */
export interface CopyFigures {
  /** Objects to copy, as far as the plan goes. */
  readonly planned: number;
  readonly plannedBytes: number;
  readonly done: number;
  /** Sent so far; what is sent again counts again. */
  readonly bytes: number;
  /** Copies that failed and are tried again later. */
  readonly errors: number;
  readonly bytesPerSecond: number;
  /** An estimate; undefined while there is nothing to go by. */
  readonly secondsLeft: number | undefined;
}

/** @param seconds since the run began */
export function copyFigures(
  counts: Pick<CopyFigures, 'planned' | 'plannedBytes' | 'done' | 'bytes' | 'errors'>,
  seconds: number,
): CopyFigures {
  const { planned, plannedBytes, done, bytes } = counts;
  const bytesPerSecond = seconds > 0 ? bytes / seconds : 0;
  const shareDone = Math.max(planned === 0 ? 0 : done / planned, 0);
  // Small objects take their time by number, large ones by size: the slower of both is right.
  const byCount = shareDone === 0 ? undefined : (seconds * (1 - shareDone)) / shareDone;
  const byBytes = bytesPerSecond === 0 ? undefined : Math.max(0, plannedBytes - bytes) / bytesPerSecond;
  const secondsLeft = byCount === undefined ? byBytes : Math.max(byCount, byBytes ?? 0);
  return { ...counts, bytesPerSecond, secondsLeft };
}

/** `1.2 GB, 40.1 MB/s, 3 min left, 2 errors` */
export function formatFigures({
  bytes,
  bytesPerSecond,
  secondsLeft,
  errors,
  done,
  planned,
}: CopyFigures): string {
  return [
    formatBytes(bytes),
    `${formatBytes(Math.round(bytesPerSecond))}/s`,
    ...(secondsLeft === undefined || done >= planned ? [] : [`${formatDuration(secondsLeft)} left`]),
    ...(errors === 0 ? [] : [`${String(errors)} ${errors === 1 ? 'error' : 'errors'}`]),
  ].join(', ');
}
