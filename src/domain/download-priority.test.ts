import { describe, expect, test } from '@jest/globals';
import { BY_HAND, MAX_PRIORITY, strongestPriority, WITHOUT_PRIORITY } from './download-priority.ts';

describe('the priority of a download', () => {
  test.each<[readonly (number | undefined)[], number]>([
    [[], WITHOUT_PRIORITY],
    [[undefined, undefined], WITHOUT_PRIORITY],
    [[undefined, 7], 7],
    [[7, 3], 3],
    [[3, BY_HAND], BY_HAND],
    // Of a record that an earlier version wrote: weaker than all others that are given, stronger than none.
    [[2_000_000], MAX_PRIORITY],
  ])('of %j is %i', (given, strongest) => {
    expect(strongestPriority(...given)).toBe(strongest);
  });
});
