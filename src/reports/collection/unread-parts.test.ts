import { expect, test } from '@jest/globals';
import type { RunPart } from '../../database/collections/run.ts';
import { unreadPartsOf } from './unread-parts.ts';

/** Runs, newest first; in each text one letter a part: ok, unchanged, failed, skipped, or - when it is not there. */
function runsOf(...texts: readonly string[]) {
  const statuses = new Map<string, RunPart['status']>([
    ['o', 'success'],
    ['u', 'unchanged'],
    ['f', 'failed'],
    ['s', 'skipped'],
  ]);
  return texts.map((text, hoursAgo) => ({
    started_at: new Date(-hoursAgo * 3_600_000),
    parts: text.split('').flatMap((letter, index): RunPart[] => {
      const status = statuses.get(letter);
      return status === undefined ? [] : [{ name: `part ${String(index)}`, status, note: `note ${letter}` }];
    }),
  }));
}

test.each<[string, readonly string[], readonly [name: string, hoursAgo: number][]]>([
  ['no run', [], []],
  ['all parts were read', ['oouo', 'ffff'], []],
  ['one failed just now', ['of', 'oo'], [['part 1', 0]]],
  ['one failed for three runs', ['of', 'of', 'of', 'oo', 'of'], [['part 1', 2]]],
  ['a failure after skips is one row of runs', ['f', 's', 's', 'u'], [['part 0', 2]]],
  ['skipped once is usual', ['os', 'oo'], []],
  ['skipped twice is not', ['os', 'os', 'oo'], [['part 1', 1]]],
  [
    'a part that was not there before begins with the run that had it',
    ['ff', 'f-', 'f-'],
    [
      ['part 0', 2],
      ['part 1', 0],
    ],
  ],
  ['a part that is there no more does not count', ['o-', 'of'], []],
])('%s', (_name, texts, expected) => {
  const unread = unreadPartsOf(runsOf(...texts));
  expect(unread.map(({ name, since }) => [name, -since.getTime() / 3_600_000 || 0])).toEqual(expected);
});

test('says what the last run says of the part, or else what its error class means', () => {
  expect(unreadPartsOf(runsOf('f'))[0]?.note).toBe('note f');
  const parts: RunPart[] = [{ name: 'a', status: 'failed', error_class: 'source_missing' }];
  expect(unreadPartsOf([{ started_at: new Date(0), parts }])[0]?.note).toContain('nothing at this URL');
});
