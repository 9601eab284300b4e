import { expect, test } from '@jest/globals';
import { WITHOUT_PRIORITY } from '../domain/download-priority.ts';
import { rangeOf } from './download-numbers.ts';
import { LAST_PRIORITY } from './last-priority.ts';

test('the ranges follow each other, within the numbers that BullMQ takes', () => {
  let before = 1;
  for (let priority = 0; priority <= WITHOUT_PRIORITY; priority += 1) {
    const { start, end } = rangeOf(priority);
    expect(start).toBe(before);
    expect(end).toBeGreaterThan(start);
    before = end;
  }
  expect(before).toBeLessThanOrEqual(LAST_PRIORITY);
});
