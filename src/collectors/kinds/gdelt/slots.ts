import { z } from 'zod';

/** GDELT publishes one file for each quarter of an hour. */
export const SLOT_MS = 15 * 60_000;
/** The first slot of GDELT 2.0 (blog.gdeltproject.org, "GDELT 2.0: our global world in realtime"). */
const FIRST_SLOT = '20150218221500';

/** A quarter of an hour in UTC as GDELT names it, `YYYYMMDDHHMMSS`; such texts sort by time. */
export type Slot = string;

/** Accepts the names of slots only: a date that exists, on a quarter of an hour, since GDELT 2.0 began. */
export const slotSchema = z.string().refine(isSlot, 'is not a slot such as 20261121110000');

/** Whether a text names a slot. */
export function isSlot(text: string): boolean {
  if (!/^\d{14}$/.test(text) || text < FIRST_SLOT) return false;
  const timeMs = parseUtc(text);
  return timeMs % SLOT_MS === 0 && slotAt(timeMs) === text;
}

/** When a slot was, in milliseconds since 1970. */
export function slotTimeMs(slot: Slot): number {
  return parseUtc(slot);
}

/** The name of the slot at a time, in milliseconds since 1970. */
export function slotAt(timeMs: number): Slot {
  if (!Number.isFinite(timeMs)) return '';
  return new Date(timeMs)
    .toISOString()
    .replace(/\.\d{3}Z$/, '')
    .replace(/\D/g, '');
}

/** The slot that lies so many slots after another one, or before it when negative. */
export function slotAfter(slot: Slot, count = 1): Slot {
  return slotAt(parseUtc(slot) + count * SLOT_MS);
}

/** How many slots lead from one to a later one. */
export function slotsBetween(earlier: Slot, later: Slot): number {
  return (parseUtc(later) - parseUtc(earlier)) / SLOT_MS;
}

/**
 * Reads a moment of GDELT, `YYYYMMDDHHMMSS` in UTC.
 * @returns undefined when there is no such moment.
 */
export function parseMoment(text: string): Date | undefined {
  if (!/^\d{14}$/.test(text)) return undefined;
  const timeMs = parseUtc(text);
  // Date.UTC makes 3 March of 31 February.
  return slotAt(timeMs) === text ? new Date(timeMs) : undefined;
}

function parseUtc(text: string): number {
  const part = (from: number, to: number) => Number(text.slice(from, to));
  return Date.UTC(part(0, 4), part(4, 6) - 1, part(6, 8), part(8, 10), part(10, 12), part(12, 14));
}
