import { z } from 'zod';

/** GDELT publishes one file per 15 minutes. */
export const SLOT_MS = 15 * 60_000;
/** The first slot of GDELT 2.0 (blog.gdeltproject.org, "GDELT 2.0: our global world in realtime"). */
const FIRST_SLOT = '20150218221500';

/** A period of 15 minutes, named by its UTC time `YYYYMMDDHHMMSS`; such names sort by time. */
export type Slot = string;

export const slotSchema = z.string().refine(isSlot, 'is not a slot such as 20261121110000');

/** Whether the text is an existing time on a full 15 minutes, since the start of GDELT 2.0. */
export function isSlot(text: string): boolean {
  const time = parseTimestamp(text);
  return time !== undefined && time.getTime() % SLOT_MS === 0 && text >= FIRST_SLOT;
}

export function slotAt(timeMs: number): Slot {
  return new Date(timeMs).toISOString().replace(/\D/g, '').slice(0, 14);
}

/** The slot `count` slots later, or earlier when negative. */
export function slotAfter(slot: Slot, count = 1): Slot {
  return slotAt(slotTimeMs(slot) + count * SLOT_MS);
}

/** The number of slots from `earlier` to `later`. */
export function slotsBetween(earlier: Slot, later: Slot): number {
  return (slotTimeMs(later) - slotTimeMs(earlier)) / SLOT_MS;
}

/**
 * Parses `YYYYMMDDHHMMSS` in UTC.
 * @returns undefined when there is no such date or time.
 */
export function parseTimestamp(text: string): Date | undefined {
  if (!/^\d{14}$/.test(text)) return undefined;
  const timeMs = slotTimeMs(text);
  // Date.UTC turns 31 February into 3 March.
  return slotAt(timeMs) === text ? new Date(timeMs) : undefined;
}

export function slotTimeMs(slot: Slot): number {
  const part = (from: number, to: number) => Number(slot.slice(from, to));
  return Date.UTC(part(0, 4), part(4, 6) - 1, part(6, 8), part(8, 10), part(10, 12), part(12, 14));
}
