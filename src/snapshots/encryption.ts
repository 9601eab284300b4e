import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { ArchiveError } from './archive-format.ts';
import { ByteCursor } from './byte-cursor.ts';

/*
 * An encrypted archive: the 8 bytes `SNTHQE01`, a salt of 16 bytes, then chunks. Each chunk is AES-256-GCM over 64 KiB
 * of the archive (the last over what remains, which may be nothing) followed by its tag of 16 bytes. The key is
 * scrypt(passphrase, salt) with N = 2^15, r = 8, p = 1; it is used for one archive only. The nonce of a chunk has 12
 * bytes: its number as 8 bytes, most significant first, three zeros, and 1 for the last chunk, else 0. So chunks cannot
 * be changed, moved, left out or cut off at the end.
 */
const MAGIC = Buffer.from('SNTHQE01');
const SALT_BYTES = 16;
const CHUNK_BYTES = 64 * 1024;
const TAG_BYTES = 16;
const COST = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 ** 2 };

const derive = promisify<string, Buffer, number, typeof COST, Buffer>(scrypt);

/** Encrypts a stream under a passphrase; memory stays at a chunk. */
export async function* encrypt(
  source: AsyncIterable<Uint8Array>,
  passphrase: string,
): AsyncGenerator<Buffer, void> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(passphrase, salt, 32, COST);
  yield Buffer.concat([MAGIC, salt]);
  const cursor = new ByteCursor(source);
  try {
    for (let number = 0n, isLast = false; !isLast; number += 1n) {
      // A chunk is the last when nothing follows it.
      isLast = !(await cursor.fill(CHUNK_BYTES + 1));
      const plain = cursor.take(isLast ? cursor.heldBytes : CHUNK_BYTES) ?? Buffer.alloc(0);
      const cipher = createCipheriv('aes-256-gcm', key, nonceOf(number, isLast));
      yield Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    }
  } finally {
    await cursor.close();
  }
}

/** Whether these are the first bytes of an encrypted archive. */
export function isEncrypted(firstBytes: Uint8Array): boolean {
  return Buffer.compare(firstBytes.subarray(0, MAGIC.byteLength), MAGIC) === 0;
}

/** Decrypts what `encrypt` made. @throws ArchiveError when the passphrase is another one or the bytes were changed. */
export async function* decrypt(
  source: AsyncIterable<Uint8Array>,
  passphrase: string,
): AsyncGenerator<Buffer, void> {
  const cursor = new ByteCursor(source);
  try {
    await cursor.fill(MAGIC.byteLength + SALT_BYTES);
    const magic = cursor.take(MAGIC.byteLength);
    const salt = cursor.take(SALT_BYTES);
    if (magic === undefined || salt === undefined || !isEncrypted(magic)) {
      throw new ArchiveError('The archive is not encrypted in a form that is known here.');
    }
    const key = await derive(passphrase, Buffer.from(salt), 32, COST);
    const fullBytes = CHUNK_BYTES + TAG_BYTES;
    for (let number = 0n, isLast = false; !isLast; number += 1n) {
      isLast = !(await cursor.fill(fullBytes + 1));
      const chunk = cursor.take(isLast ? cursor.heldBytes : fullBytes) ?? Buffer.alloc(0);
      yield openChunk(chunk, key, nonceOf(number, isLast));
    }
  } finally {
    await cursor.close();
  }
}

function openChunk(chunk: Buffer, key: Buffer, nonce: Buffer): Buffer {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAuthTag(chunk.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(chunk.subarray(0, -TAG_BYTES)), decipher.final()]);
  } catch (error) {
    throw new ArchiveError('The passphrase is another one, or the encrypted archive was changed or cut.', {
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
