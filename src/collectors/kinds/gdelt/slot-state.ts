import { z } from 'zod';
import { slotAfter, slotSchema, slotsBetween, type Slot } from './slots.ts';

const MAX_GAPS = 100;

const gapSchema = z.object({
  from: slotSchema,
  to: slotSchema,
  reason: z.enum(['missing', 'broken', 'too_old']),
});

const streamStateSchema = z.object({
  /** The newest slot of any listing so far: every slot up to it is collected, pending or part of a gap. */
  newest: slotSchema,
  /** Slots still to be collected, oldest first. */
  pending: z.array(
    z.object({
      slot: slotSchema,
      tries: z.int().min(0),
      /** The newest slot of the listing for which it was tried last. One listing counts as one try. */
      under: slotSchema.optional(),
    }),
  ),
  /** The latest slots that were given up, in the order of the decisions. */
  gaps: z.array(gapSchema),
});

export const gdeltStateSchema = z.object({
  english: streamStateSchema.optional(),
  translation: streamStateSchema.optional(),
});

export type GdeltState = z.infer<typeof gdeltStateSchema>;
export type StreamState = z.infer<typeof streamStateSchema>;
export type PendingSlot = StreamState['pending'][number];
/** A range of slots that are not collected, including both ends. */
export type Gap = z.infer<typeof gapSchema>;

export function gapLength({ from, to }: Gap): number {
  return slotsBetween(from, to) + 1;
}

/**
 * Adds the new slots of a listing. A listing older than the state changes nothing: it comes from a cache or from a clock
 * that was set back.
 * @param maxSlots how many slots may be pending; older ones become gaps.
 */
export function planSlots(
  state: StreamState | undefined,
  newest: Slot,
  maxSlots: number,
): { readonly state: StreamState; readonly gaps: readonly Gap[] } {
  if (state === undefined) {
    return { state: { newest, pending: [{ slot: newest, tries: 0 }], gaps: [] }, gaps: [] };
  }
  const added = newest > state.newest ? slotsBetween(state.newest, newest) : 0;
  const kept = Math.min(added, maxSlots);
  const fresh = Array.from({ length: kept }, (_value, index) => ({
    slot: slotAfter(newest, index + 1 - kept),
    tries: 0,
  }));
  const all = [...state.pending, ...fresh];
  const dropped = all.slice(0, Math.max(0, all.length - maxSlots));
  const gaps: Gap[] = dropped.map(({ slot }) => ({ from: slot, to: slot, reason: 'too_old' }));
  if (added > kept) {
    gaps.push({
      from: slotAfter(state.newest),
      to: slotAfter(state.newest, added - kept),
      reason: 'too_old',
    });
  }
  const planned = { ...state, newest: added > 0 ? newest : state.newest, pending: all.slice(dropped.length) };
  return { state: gaps.reduce(withGap, planned), gaps };
}

export function withoutSlot(state: StreamState, slot: Slot): StreamState {
  return { ...state, pending: state.pending.filter((pending) => pending.slot !== slot) };
}

/** The state after a slot could not be collected: it stays pending, or becomes a gap after `maxTries`. */
export function withTry(
  state: StreamState,
  tried: PendingSlot,
  { listed, maxTries, reason }: { listed: Slot; maxTries: number; reason: Gap['reason'] },
): { readonly state: StreamState; readonly tries: number; readonly gap: Gap | undefined } {
  // Repeated attempts within minutes have the same result, so they count only once per listing.
  const tries = tried.under === listed ? tried.tries : tried.tries + 1;
  if (tries >= maxTries) {
    const gap: Gap = { from: tried.slot, to: tried.slot, reason };
    return { state: withGap(withoutSlot(state, tried.slot), gap), tries, gap };
  }
  const pending = state.pending.map((slot) =>
    slot.slot === tried.slot ? { slot: slot.slot, tries, under: listed } : slot,
  );
  return { state: { ...state, pending }, tries, gap: undefined };
}

function withGap(state: StreamState, gap: Gap): StreamState {
  const last = state.gaps.at(-1);
  const continues = last?.reason === gap.reason && slotAfter(last.to) === gap.from;
  const gaps = continues ? [...state.gaps.slice(0, -1), { ...last, to: gap.to }] : [...state.gaps, gap];
  return { ...state, gaps: gaps.slice(-MAX_GAPS) };
}
