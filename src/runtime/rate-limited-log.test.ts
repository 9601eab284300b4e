import { expect, test } from '@jest/globals';
import { createRateLimitedLog } from './rate-limited-log.ts';

test('logs once a second, with the number of calls left out', () => {
  let clock = 0;
  const passed: [string, number][] = [];
  const gate = createRateLimitedLog<string>(
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
