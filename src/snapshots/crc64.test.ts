import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Crc64 } from './crc64.ts';

function crcOf(...pieces: Uint8Array[]): string {
  const crc = new Crc64();
  for (const piece of pieces) crc.update(piece);
  return crc.digest().toString(16).padStart(16, '0');
}

/** The definition, bit by bit. */
function slowCrcOf(bytes: Uint8Array): string {
  let crc = 0xffff_ffff_ffff_ffffn;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1)
      crc = (crc & 1n) === 1n ? (crc >> 1n) ^ 0xc96c5795d7870f42n : crc >> 1n;
  }
  return (crc ^ 0xffff_ffff_ffff_ffffn).toString(16).padStart(16, '0');
}

describe('CRC-64/XZ', () => {
  test.each([
    ['', '0000000000000000'],
    ['123456789', '995dc9bbdf1939fa'],
    // Of Go's hash/crc64 tests, table ECMA.
    ['a', '330284772e652b05'],
    ['abcdefghij', '32093a2ecd5773f4'],
  ])('of %j', (text, expected) => {
    expect(crcOf(Buffer.from(text))).toBe(expected);
  });

  test('is that of the definition, however the bytes are cut and aligned', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), fc.nat(7), (bytes, cut, offset) => {
        const moved = Buffer.concat([Buffer.alloc(offset), bytes]).subarray(offset);
        expect(crcOf(moved.subarray(0, cut), moved.subarray(cut))).toBe(slowCrcOf(bytes));
      }),
    );
  });
});
