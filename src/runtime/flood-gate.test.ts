import { expect, test } from '@jest/globals';
import { createFloodGate } from './flood-gate.ts';

test('one call a second passes and tells how many did not', () => {
  let clock = 0;
  const passed: [string, number][] = [];
  const gate = createFloodGate<string>(
    (value, suppressed) => passed.push([value, suppressed]),
    () => clock,
  );
  gate('first');
  for (let index = 0; index < 1_000; index += 1) gate('flood');
  clock = 999;
  gate('still too soon');
  clock = 1_000;
  gate('second');
  clock = 2_000;
  gate('third');
  expect(passed).toEqual([
    ['first', 0],
    ['second', 1_001],
    ['third', 0],
  ]);
});
