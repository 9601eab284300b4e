import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareUtf8 } from './utf8-order.ts';

/** Near the borders at which the two orders differ. */
const characters = fc.constantFrom(
  'a',
  'é',
  '\u007f',
  '\u07ff',
  '\ud7ff',
  '\ue000',
  '\uffee',
  '😀',
  '\u{10ffff}',
);
const texts = fc.oneof(fc.string({ unit: characters, maxLength: 6 }), fc.string({ unit: 'binary' }));

test('the order of the bytes', () => {
  fc.assert(
    fc.property(texts, texts, (left, right) => {
      const order = Buffer.compare(Buffer.from(left), Buffer.from(right));
      expect(Math.sign(compareUtf8(left, right))).toBe(order);
    }),
  );
});
