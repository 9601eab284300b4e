import { expect, test } from '@jest/globals';
import { isDuplicateKey } from './server-errors.ts';

const bulkError = (code: number | undefined, writeErrors: unknown) =>
  Object.assign(new Error('bulk write'), { code, writeErrors });

test.each<[string, unknown, boolean]>([
  ['one write', Object.assign(new Error('E11000'), { code: 11_000 }), true],
  ['one write, refused for another reason', Object.assign(new Error('full'), { code: 14_031 }), false],
  ['a lost connection', new Error('connection closed'), false],
  ['all failed writes', bulkError(11_000, [{ code: 11_000 }, { code: 11_000 }]), true],
  ['the only failed write', bulkError(11_000, { code: 11_000 }), true],
  ['the first failed write, not a later one', bulkError(11_000, [{ code: 11_000 }, { code: 14_031 }]), false],
  ['a bulk write that lost its connection', bulkError(undefined, []), false],
])('duplicate key of %s', (_title, error, expected) => {
  expect(isDuplicateKey(error)).toBe(expected);
});
