import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { Decrypter } from 'age-encryption';
import { ArchiveError } from './archive-format.ts';
import { decrypt, encrypt, isEncrypted } from './encryption.ts';

const PASSPHRASE = 'correct horse battery';
const CHUNK_BYTES = 64 * 1024;
/** Written by the program before it used age: `archive of the first format`. */
const OLD_FILE = Buffer.from(
  'U05USFFFMDFGfCa+1l7DJFSR3SbkqxIBd6QbXFaBKTMuouCsDqdCLHfzHhvrtvV2BKDbUSMX3hIE1HOY9P6jlIgoKQ==',
  'base64',
);

async function* pieces(bytes: Uint8Array, sizeBytes = 10_000) {
  for (let at = 0; at < bytes.byteLength; at += sizeBytes) {
    yield await Promise.resolve(bytes.subarray(at, at + sizeBytes));
  }
}
const all = async (source: AsyncIterable<Uint8Array>) => Buffer.concat(await Array.fromAsync(source));
/** With a cheap key: deriving one is slow on purpose. */
const sealed = async (plain: Uint8Array) => all(encrypt(pieces(plain), PASSPHRASE, 4));
const opened = (bytes: Buffer, passphrase = PASSPHRASE) => all(decrypt(pieces(bytes), passphrase, bytes));

describe('encrypted archives', () => {
  test.each([0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES])(
    'of %i bytes are decrypted, here and by the library alone',
    async (sizeBytes) => {
      const plain = randomBytes(sizeBytes);
      const bytes = await sealed(plain);
      expect(isEncrypted(bytes)).toBe(true);
      expect(bytes.includes(plain) && sizeBytes > 8).toBe(false);
      expect((await opened(bytes)).equals(plain)).toBe(true);
      const decrypter = new Decrypter();
      decrypter.addPassphrase(PASSPHRASE);
      expect(Buffer.from(await decrypter.decrypt(bytes)).equals(plain)).toBe(true);
    },
  );

  test.each([1, 10_000])(
    'of the old format are decrypted, read in pieces of %i bytes',
    async (pieceBytes) => {
      expect(isEncrypted(OLD_FILE.subarray(0, 22))).toBe(true);
      const plain = await all(decrypt(pieces(OLD_FILE, pieceBytes), PASSPHRASE, OLD_FILE));
      expect(plain.toString()).toBe('archive of the first format');
    },
  );

  test('are refused with a wrong passphrase, truncated at a chunk, in another order or changed', async () => {
    const bytes = await sealed(randomBytes(3 * CHUNK_BYTES));
    const chunk = CHUNK_BYTES + 16;
    const head = bytes.byteLength - 3 * chunk;
    const changed = Buffer.from(bytes);
    changed[head + 5] = (changed[head + 5] ?? 0) ^ 1;
    const moved = Buffer.concat([
      bytes.subarray(0, head),
      bytes.subarray(head + chunk, head + 2 * chunk),
      bytes.subarray(head, head + chunk),
      bytes.subarray(head + 2 * chunk),
    ]);
    await expect(opened(bytes, 'another passphrase')).rejects.toThrow(ArchiveError);
    const cut = [bytes.subarray(0, head + 2 * chunk), bytes.subarray(0, head), bytes.subarray(0, 40)];
    for (const broken of [...cut, moved, changed]) {
      await expect(opened(broken)).rejects.toThrow(ArchiveError);
    }
  });

  test('an error of the source is thrown as it is', async () => {
    const bytes = await sealed(randomBytes(CHUNK_BYTES));
    const failure = new Error('The disk failed.');
    async function* failing() {
      yield* pieces(bytes.subarray(0, 30_000));
      throw failure;
    }
    await expect(all(decrypt(failing(), PASSPHRASE, bytes))).rejects.toBe(failure);
    await expect(all(encrypt(failing(), PASSPHRASE, 4))).rejects.toBe(failure);
  });

  test('the source is closed when the passphrase is wrong or the reader stops', async () => {
    const bytes = await sealed(randomBytes(4 * CHUNK_BYTES));
    let closed = 0;
    async function* counting() {
      try {
        yield* pieces(bytes);
      } finally {
        closed += 1;
      }
    }
    await expect(all(decrypt(counting(), 'another passphrase', bytes))).rejects.toThrow(ArchiveError);
    expect(closed).toBe(1);
    for await (const _chunk of decrypt(counting(), PASSPHRASE, bytes)) break;
    expect(closed).toBe(2);
    for await (const _chunk of encrypt(counting(), PASSPHRASE, 4)) break;
    expect(closed).toBe(3);
  });
});
