import { expect, test } from '@jest/globals';
import mongoose from 'mongoose';
import { z } from 'zod';
import { documentSchema, optional } from './document-schema.ts';

const fields = z.object({
  _id: z.string(),
  status: z.enum(['open', 'closed']),
  count: optional(z.number()),
  parts: z.array(z.object({ name: z.string(), at: optional(z.date()) })),
  state: z.unknown().exactOptional(),
});
const Model = mongoose.model(
  'DocumentSchemaTest',
  documentSchema(fields, [[{ status: 1 }, { unique: true }]]),
);

test('values are converted, lists default to empty, and other fields stay missing', () => {
  const parts = [{ name: 'a', at: '2026-01-31' }];
  expect(new Model({ _id: 'x', status: 'open', parts, state: { any: [1] } }).toObject()).toEqual({
    _id: 'x',
    status: 'open',
    parts: [{ name: 'a', at: new Date('2026-01-31') }],
    state: { any: [1] },
  });
  expect(new Model({ _id: 'x', status: 'open' }).toObject()).toEqual({ _id: 'x', status: 'open', parts: [] });
});

test.each<[string, Record<string, unknown>, string | undefined]>([
  ['a complete document', { _id: 'x', status: 'open', count: null }, undefined],
  ['a missing required field', { _id: 'x' }, 'status'],
  ['a value outside the enum', { _id: 'x', status: 'other' }, 'status'],
  ['a value of another type', { _id: 'x', status: 'open', count: 'many' }, 'count'],
])('validation of %s', async (_title, document, path) => {
  const validated = new Model(document).validate();
  if (path === undefined) await validated;
  else await expect(validated).rejects.toHaveProperty(['errors', path]);
});

test('unknown fields are refused and the indexes are declared', () => {
  expect(() => new Model({ _id: 'x', status: 'open', other: 1 })).toThrow('other');
  expect(Model.schema.indexes()).toEqual([[{ status: 1 }, { unique: true }]]);
});
