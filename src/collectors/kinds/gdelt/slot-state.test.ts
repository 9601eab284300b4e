import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { gdeltSettingsSchema } from './settings.ts';
import {
  gapLength,
  gdeltStateSchema,
  planSlots,
  withoutSlot,
  withTry,
  type StreamState,
} from './slot-state.ts';
import { slotAfter, slotsBetween } from './slots.ts';

const SLOT = '20261121110000';
const empty: StreamState = { newest: SLOT, pending: [], gaps: [] };

test('the first run plans only the newest slot', () => {
  expect(planSlots(undefined, SLOT, 96)).toEqual({
    state: { newest: SLOT, pending: [{ slot: SLOT, tries: 0 }], gaps: [] },
    gaps: [],
  });
});

test('the oldest pending slots become gaps when there are too many', () => {
  const pending = [
    { slot: slotAfter(SLOT, -9), tries: 1 },
    { slot: SLOT, tries: 1 },
  ];
  const { state, gaps } = planSlots({ ...empty, pending }, slotAfter(SLOT, 5), 3);
  expect(state.pending.map(({ slot }) => slot)).toEqual([3, 4, 5].map((count) => slotAfter(SLOT, count)));
  expect(gaps.map(gapLength)).toEqual([1, 1, 2]);
  // Gaps that touch are one.
  expect(state.gaps).toEqual([
    { from: slotAfter(SLOT, -9), to: slotAfter(SLOT, -9), reason: 'too_old' },
    { from: SLOT, to: slotAfter(SLOT, 2), reason: 'too_old' },
  ]);
});

test('by default no slot is lost when a daily run is two days late', () => {
  const { maxSlots } = gdeltSettingsSchema.parse({});
  const slotsOfTwoDays = 2 * 24 * 4;
  const { state, gaps } = planSlots(empty, slotAfter(SLOT, slotsOfTwoDays), maxSlots);
  expect(gaps).toEqual([]);
  expect(state.pending).toHaveLength(slotsOfTwoDays);
});

describe('for any sequence of listings', () => {
  const step = fc.record({ ahead: fc.integer({ min: -20, max: 40 }), outcomes: fc.array(fc.boolean()) });

  test('each slot up to the newest listed one is exactly one of collected, pending and gap', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.integer({ min: 1, max: 12 }), (steps, maxSlots) => {
        let state: StreamState = empty;
        const taken: string[] = [];
        const given: string[] = [];
        for (const { ahead, outcomes } of steps) {
          const listed = slotAfter(state.newest, ahead);
          const plan = planSlots(state, listed, maxSlots);
          state = plan.state;
          for (const { from, to } of plan.gaps) {
            for (let slot = from; slot <= to; slot = slotAfter(slot)) given.push(slot);
          }
          for (const [index, pending] of plan.state.pending.entries()) {
            if (outcomes[index] === true) {
              taken.push(pending.slot);
              state = withoutSlot(state, pending.slot);
            } else {
              const { state: next, gap } = withTry(state, pending, {
                listed,
                maxTries: 3,
                reason: 'missing',
              });
              state = next;
              if (gap !== undefined) given.push(gap.from);
            }
          }
          expect(state.pending.length).toBeLessThanOrEqual(maxSlots);
        }
        const named = Array.from({ length: slotsBetween(SLOT, state.newest) }, (_value, index) =>
          slotAfter(SLOT, index + 1),
        );
        expect([...taken, ...given, ...state.pending.map(({ slot }) => slot)].sort()).toEqual(named);
        expect(gdeltStateSchema.parse(JSON.parse(JSON.stringify({ english: state })))).toEqual({
          english: state,
        });
      }),
    );
  });
});

test('keeps the latest 100 gaps', () => {
  let state: StreamState = empty;
  for (let count = 1; count <= 300; count += 1) {
    const slot = { slot: slotAfter(SLOT, count * 2), tries: 9 };
    ({ state } = withTry({ ...state, pending: [slot] }, slot, {
      listed: SLOT,
      maxTries: 4,
      reason: 'broken',
    }));
  }
  expect(state.gaps).toHaveLength(100);
  expect(state.gaps.at(-1)?.to).toBe(slotAfter(SLOT, 600));
});
