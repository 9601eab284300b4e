import { expect, test } from '@jest/globals';
import { sasExpiry } from './sas-expiry.ts';

test.each([
  ['?sv=2023-11-03&se=2026-12-01T00%3A00%3A00Z&sig=x', '2026-12-01T00:00:00.000Z'],
  ['se=2026-12-01', '2026-12-01T00:00:00.000Z'],
  ['se=2026-12-01T01:00Z', '2026-12-01T01:00:00.000Z'],
  ['se=2026-12-01T01:00', '2026-12-01T01:00:00.000Z'],
  ['si=policy&sig=x', undefined],
  ['se=soon', undefined],
  ['', undefined],
])('%s ends at %s', (query, at) => {
  expect(sasExpiry(query)?.toISOString()).toBe(at);
});
