import { createDecipheriv, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { ArchiveError } from './archive-format.ts';
import { ByteCursor } from './byte-cursor.ts';

/*
 * The own format of encrypted archives that was written before age was used: the 8 bytes `SNTHQE01`, a salt of 16 bytes,
 * then chunks. Each chunk is AES-256-GCM over 64 KiB of the archive (the last over what remains, possibly nothing),
 * followed by its tag of 16 bytes. The key is scrypt(passphrase, salt) with N = 2^15, r = 8, p = 1. The nonce of a chunk
 * has 12 bytes: its number as 8 bytes big-endian, three zeros, and 1 for the last chunk, else 0. So chunks cannot be
 * changed, moved, left out or truncated.
 */
const MAGIC = Buffer.from('SNTHQE01');
const SALT_BYTES = 16;
const CHUNK_BYTES = 64 * 1024;
const TAG_BYTES = 16;
const COST = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 ** 2 };

const deriveKey = promisify<string, Buffer, number, typeof COST, Buffer>(scrypt);

/** Whether these are the first bytes of an archive in the old format; 8 are enough. */
export function isLegacyEncrypted(firstBytes: Uint8Array): boolean {
  return Buffer.compare(firstBytes.subarray(0, MAGIC.byteLength), MAGIC) === 0;
}

/** @throws ArchiveError when the passphrase is wrong or the bytes are damaged; whatever the source throws. */
export async function* decryptLegacy(
  source: AsyncIterable<Uint8Array>,
  passphrase: string,
): AsyncGenerator<Buffer, void> {
  const cursor = new ByteCursor(source);
  try {
    await cursor.fill(MAGIC.byteLength + SALT_BYTES);
    const magic = cursor.take(MAGIC.byteLength);
    const salt = cursor.take(SALT_BYTES);
    if (magic === undefined || salt === undefined || !isLegacyEncrypted(magic)) {
      throw new ArchiveError('The encrypted archive has no valid header.');
    }
    const key = await deriveKey(passphrase, Buffer.from(salt), 32, COST);
    const fullBytes = CHUNK_BYTES + TAG_BYTES;
    for (let number = 0n, isLast = false; !isLast; number += 1n) {
      // A chunk is the last when nothing follows it.
      isLast = !(await cursor.fill(fullBytes + 1));
      const chunk = cursor.take(isLast ? cursor.bufferedBytes : fullBytes) ?? Buffer.alloc(0);
      yield decryptChunk(chunk, key, nonceOf(number, isLast));
    }
  } finally {
    await cursor.close();
  }
}

function decryptChunk(chunk: Buffer, key: Buffer, nonce: Buffer): Buffer {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAuthTag(chunk.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(chunk.subarray(0, -TAG_BYTES)), decipher.final()]);
  } catch (error) {
    throw new ArchiveError('The passphrase is wrong, or the encrypted archive is damaged or incomplete.', {
      cause: error,
    });
  }
}

function nonceOf(number: bigint, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64BE(number, 0);
  nonce.writeUInt8(isLast ? 1 : 0, 11);
  return nonce;
}
