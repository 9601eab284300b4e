/** The polynomial of CRC-64/XZ (ECMA-182, reflected), as two halves of 32 bits. */
const POLYNOMIAL_HIGH = 0xc96c5795;
const POLYNOMIAL_LOW = 0xd7870f42;

/** Slicing-by-8: table `n` (256 entries from `n * 256`) shifts a byte over `n` zero bytes. */
const HIGH = new Int32Array(8 * 256);
const LOW = new Int32Array(8 * 256);
for (let byte = 0; byte < 256; byte += 1) {
  let high = 0;
  let low = byte;
  for (let bit = 0; bit < 8; bit += 1) {
    const isSet = (low & 1) === 1;
    low = (low >>> 1) | (high << 31);
    high >>>= 1;
    if (isSet) {
      high ^= POLYNOMIAL_HIGH;
      low ^= POLYNOMIAL_LOW;
    }
  }
  HIGH[byte] = high;
  LOW[byte] = low;
}
for (let index = 256; index < HIGH.length; index += 1) {
  const high = HIGH[index - 256] ?? 0;
  const low = LOW[index - 256] ?? 0;
  HIGH[index] = (high >>> 8) ^ (HIGH[low & 0xff] ?? 0);
  LOW[index] = (low >>> 8) ^ (high << 24) ^ (LOW[low & 0xff] ?? 0);
}

/**
 * Incremental CRC-64/XZ, which mongodump calls CRC-64-ECMA. Computed in two halves of 32 bits, without BigInt.
 */
export class Crc64 {
  #high = -1;
  #low = -1;

  update(bytes: Uint8Array): void {
    let high = this.#high;
    let low = this.#low;
    const { length } = bytes;
    const view = new DataView(bytes.buffer, bytes.byteOffset, length);
    const blocksEnd = length - (length % 8);
    let at = 0;
    for (; at < blocksEnd; at += 8) {
      const a = low ^ view.getInt32(at, true);
      const b = high ^ view.getInt32(at + 4, true);
      low = eightBytes(LOW, a, b);
      high = eightBytes(HIGH, a, b);
    }
    for (; at < length; at += 1) {
      const index = (low ^ view.getUint8(at)) & 0xff;
      low = (low >>> 8) ^ (high << 24) ^ (LOW[index] ?? 0);
      high = (high >>> 8) ^ (HIGH[index] ?? 0);
    }
    this.#high = high;
    this.#low = low;
  }

  /** The unsigned checksum of all bytes so far. */
  digest(): bigint {
    return (BigInt(~this.#high >>> 0) << 32n) | BigInt(~this.#low >>> 0);
  }
}

function eightBytes(table: Int32Array, a: number, b: number): number {
  return (
    (table[1792 + (a & 0xff)] ?? 0) ^
    (table[1536 + ((a >>> 8) & 0xff)] ?? 0) ^
    (table[1280 + ((a >>> 16) & 0xff)] ?? 0) ^
    (table[1024 + (a >>> 24)] ?? 0) ^
    (table[768 + (b & 0xff)] ?? 0) ^
    (table[512 + ((b >>> 8) & 0xff)] ?? 0) ^
    (table[256 + ((b >>> 16) & 0xff)] ?? 0) ^
    (table[b >>> 24] ?? 0)
  );
}
