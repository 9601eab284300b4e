import { randomBytes } from 'node:crypto';
import { describe, expect, jest, test } from '@jest/globals';
import { ArchiveError } from './archive-format.ts';
import { decrypt, encrypt, isEncrypted } from './encryption.ts';

// Making a key of a passphrase is meant to be slow, and each archive here has one of its own.
jest.setTimeout(60_000);

const PASSPHRASE = 'correct horse battery';
const CHUNK = 64 * 1024;

async function* pieces(bytes: Uint8Array, sizeBytes = 10_000) {
  for (let at = 0; at < bytes.byteLength; at += sizeBytes) {
    yield await Promise.resolve(bytes.subarray(at, at + sizeBytes));
  }
}
const all = async (source: AsyncIterable<Uint8Array>) => Buffer.concat(await Array.fromAsync(source));

describe('encrypted archives', () => {
  test.each([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK])('of %i bytes come back', async (sizeBytes) => {
    const plain = randomBytes(sizeBytes);
    const sealed = await all(encrypt(pieces(plain), PASSPHRASE));
    expect(isEncrypted(sealed)).toBe(true);
    expect(sealed.includes(plain) && sizeBytes > 8).toBe(false);
    expect(await all(decrypt(pieces(sealed), PASSPHRASE))).toEqual(plain);
  });

  test('are refused with another passphrase, cut at a chunk, in another order or changed', async () => {
    const sealed = await all(encrypt(pieces(randomBytes(3 * CHUNK)), PASSPHRASE));
    const head = 24;
    const chunk = CHUNK + 16;
    const changed = Buffer.from(sealed);
    changed[head + 5] = (changed[head + 5] ?? 0) ^ 1;
    const moved = Buffer.concat([
      sealed.subarray(0, head),
      sealed.subarray(head + chunk, head + 2 * chunk),
      sealed.subarray(head, head + chunk),
      sealed.subarray(head + 2 * chunk),
    ]);
    await expect(all(decrypt(pieces(sealed), 'another passphrase'))).rejects.toThrow(ArchiveError);
    for (const broken of [sealed.subarray(0, head + 2 * chunk), sealed.subarray(0, head), moved, changed]) {
      await expect(all(decrypt(pieces(broken), PASSPHRASE))).rejects.toThrow(ArchiveError);
    }
  });
});
