import { createCipheriv, randomBytes, scryptSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { ArchiveError } from './archive-format.ts';
import { decryptLegacy, isLegacyEncrypted } from './legacy-encryption.ts';

const PASSPHRASE = 'correct horse battery';
const HEADER_BYTES = 24;
const CHUNK_BYTES = 64 * 1024;

async function* pieces(bytes: Uint8Array, sizeBytes = 10_000) {
  for (let at = 0; at < bytes.byteLength; at += sizeBytes) {
    yield await Promise.resolve(bytes.subarray(at, at + sizeBytes));
  }
}
const all = async (source: AsyncIterable<Uint8Array>) => Buffer.concat(await Array.fromAsync(source));

const SALT = randomBytes(16);
const KEY = scryptSync(PASSPHRASE, SALT, 32, { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 ** 2 });

/** Writes the old format. A file of the program that wrote it is in `encryption.test.ts`. */
function seal(plain: Buffer): Buffer {
  const out = [Buffer.from('SNTHQE01'), SALT];
  const chunks = Math.max(1, Math.ceil(plain.byteLength / CHUNK_BYTES));
  for (let number = 0; number < chunks; number += 1) {
    const nonce = Buffer.alloc(12);
    nonce.writeBigUInt64BE(BigInt(number), 0);
    nonce.writeUInt8(number === chunks - 1 ? 1 : 0, 11);
    const cipher = createCipheriv('aes-256-gcm', KEY, nonce);
    const chunk = plain.subarray(number * CHUNK_BYTES, (number + 1) * CHUNK_BYTES);
    out.push(cipher.update(chunk), cipher.final(), cipher.getAuthTag());
  }
  return Buffer.concat(out);
}

describe('archives encrypted in the old format', () => {
  test.each([0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES])(
    'of %i bytes are decrypted',
    async (sizeBytes) => {
      const plain = randomBytes(sizeBytes);
      const sealed = seal(plain);
      expect(isLegacyEncrypted(sealed)).toBe(true);
      expect((await all(decryptLegacy(pieces(sealed), PASSPHRASE))).equals(plain)).toBe(true);
    },
  );

  test('are refused with a wrong passphrase, truncated at a chunk, in another order or changed', async () => {
    const sealed = seal(randomBytes(3 * CHUNK_BYTES));
    const chunk = CHUNK_BYTES + 16;
    const changed = Buffer.from(sealed);
    changed[HEADER_BYTES + 5] = (changed[HEADER_BYTES + 5] ?? 0) ^ 1;
    const moved = Buffer.concat([
      sealed.subarray(0, HEADER_BYTES),
      sealed.subarray(HEADER_BYTES + chunk, HEADER_BYTES + 2 * chunk),
      sealed.subarray(HEADER_BYTES, HEADER_BYTES + chunk),
      sealed.subarray(HEADER_BYTES + 2 * chunk),
    ]);
    await expect(all(decryptLegacy(pieces(sealed), 'another passphrase'))).rejects.toThrow(ArchiveError);
    const cut = [sealed.subarray(0, HEADER_BYTES + 2 * chunk), sealed.subarray(0, HEADER_BYTES)];
    for (const broken of [...cut, moved, changed]) {
      await expect(all(decryptLegacy(pieces(broken), PASSPHRASE))).rejects.toThrow(ArchiveError);
    }
  });
});
