import { ReadableStream } from 'node:stream/web';
import { Decrypter, Encrypter } from 'age-encryption';
import { ArchiveError } from './archive-format.ts';
import { decryptLegacy, isLegacyEncrypted } from './legacy-encryption.ts';

/** The first line of every age file (https://age-encryption.org/v1). */
const AGE_MAGIC = Buffer.from('age-encryption.org/v1\n');
/** How many bytes tell the format of a file. */
export const MAGIC_BYTES = AGE_MAGIC.byteLength;

/**
 * Encrypts a stream as an age file under a passphrase; `age --decrypt` reads it. Memory does not grow with the stream;
 * deriving the key takes 256 MiB, as in age itself.
 * @param scryptLogN the cost of deriving the key; age's default, which only tests lower.
 */
export async function* encrypt(
  source: AsyncIterable<Uint8Array>,
  passphrase: string,
  scryptLogN = 18,
): AsyncGenerator<Uint8Array, void> {
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase);
  encrypter.setScryptWorkFactor(scryptLogN);
  const bytes = bytesOf(source);
  try {
    yield* await encrypter.encrypt(ReadableStream.from(bytes));
  } finally {
    await bytes.return();
  }
}

/** @param firstBytes at least `MAGIC_BYTES`, unless the file is shorter. */
export function isEncrypted(firstBytes: Uint8Array): boolean {
  return (
    Buffer.compare(firstBytes.subarray(0, MAGIC_BYTES), AGE_MAGIC) === 0 || isLegacyEncrypted(firstBytes)
  );
}

/**
 * Decrypts an age file, or one of the format that was used before.
 * @param firstBytes of the source, as for `isEncrypted`.
 * @throws ArchiveError when the passphrase is wrong or the bytes are damaged; whatever the source throws.
 */
export function decrypt(
  source: AsyncIterable<Uint8Array>,
  passphrase: string,
  firstBytes: Uint8Array,
): AsyncIterable<Uint8Array> {
  return isLegacyEncrypted(firstBytes) ? decryptLegacy(source, passphrase) : decryptAge(source, passphrase);
}

async function* decryptAge(
  source: AsyncIterable<Uint8Array>,
  passphrase: string,
): AsyncGenerator<Uint8Array, void> {
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  let sourceError: unknown;
  const bytes = bytesOf(source, (error) => (sourceError = error));
  try {
    yield* await decrypter.decrypt(ReadableStream.from(bytes));
  } catch (error) {
    // The library throws plain errors for everything that is wrong with a file.
    if (error === sourceError) throw error;
    throw new ArchiveError('The passphrase is wrong, or the encrypted archive is damaged or incomplete.', {
      cause: error,
    });
  } finally {
    await bytes.return();
  }
}

/** The source as a generator, which its user can close: streams of the library close theirs late or not at all. */
async function* bytesOf(
  source: AsyncIterable<Uint8Array>,
  onError?: (error: unknown) => void,
): AsyncGenerator<Uint8Array, void> {
  try {
    yield* source;
  } catch (error) {
    onError?.(error);
    throw error;
  }
}
