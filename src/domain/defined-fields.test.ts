import { expect, test } from '@jest/globals';
import { definedFields } from './defined-fields.ts';

test('definedFields leaves out undefined fields and keeps every other value', () => {
  const title: string | undefined = undefined;
  const fields: { id: string; title?: string; count: number; none: null } = definedFields({
    id: 'a',
    title,
    count: 0,
    none: null,
  });
  expect(Object.keys(fields)).toEqual(['id', 'count', 'none']);
});
