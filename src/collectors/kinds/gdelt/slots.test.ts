import { describe, expect, test } from '@jest/globals';
import { isSlot, parseTimestamp, slotAfter, slotAt, slotsBetween, slotTimeMs } from './slots.ts';

describe('isSlot', () => {
  test.each(['20150218221500', '20261121000000', '20261121234500', '20280229114500'])(
    'accepts %s',
    (text) => {
      expect(isSlot(text)).toBe(true);
    },
  );
  test.each([
    ['another length', '2026112111000'],
    ['letters', '2026112111000x'],
    ['not a full 15 minutes', '20261121110500'],
    ['a day that does not exist', '20270229110000'],
    ['an hour that does not exist', '20261121240000'],
    ['seconds', '20261121110001'],
    ['before GDELT 2.0', '20150218220000'],
    ['an empty text', ''],
  ])('rejects %s', (_label, text) => {
    expect(isSlot(text)).toBe(false);
  });
});

test('slots are counted in UTC across days, months and DST changes', () => {
  expect(slotAfter('20261231234500')).toBe('20270101000000');
  expect(slotAfter('20280228234500')).toBe('20280229000000');
  expect(slotsBetween('20260329000000', '20260330000000')).toBe(96);
  expect(slotsBetween('20261025000000', '20261026000000')).toBe(96);
  expect(slotAt(slotTimeMs('20261121111500'))).toBe('20261121111500');
  expect(slotAfter('20261121000000', -96)).toBe('20261120000000');
});

test('parseTimestamp rejects times that do not exist', () => {
  expect(parseTimestamp('20261121111501')).toEqual(new Date('2026-11-21T11:15:01Z'));
  for (const text of ['', '20261121', '20260231000000', '00000000000000', '99999999999999']) {
    expect(parseTimestamp(text)).toBeUndefined();
  }
});
