import { formatClock } from '../../text/units.ts';

/** A length of audio as players show it; undefined when it is not known. */
export function formatLength(seconds: number | undefined): string | undefined {
  if (seconds === undefined || !Number.isFinite(seconds) || seconds < 0) return undefined;
  return formatClock(seconds);
}
