import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../runtime/user-error.ts';
import { checksummed } from '../storage/checksums.ts';
import { dumpDatabase, openSnapshotSession, type DumpOptions } from './dump-database.ts';
import { decrypt, encrypt, isEncrypted, MAGIC_BYTES } from './encryption.ts';
import { checksumText } from './snapshot-names.ts';

/**
 * Dumps the database into a file, which appears when it is complete, and its SHA-256 into `<file>.sha256`.
 * @param passphrase encrypts the file.
 */
export async function writeSnapshotFile(
  file: string,
  dump: Omit<DumpOptions, 'session'>,
  passphrase?: string,
) {
  const session = await openSnapshotSession(dump.connection);
  const partial = `${file}.partial`;
  try {
    const dumped = dumpDatabase({ ...dump, session });
    const chunks = passphrase === undefined ? dumped.chunks : encrypt(dumped.chunks, passphrase);
    const written = checksummed(chunks);
    const output = createWriteStream(partial, { mode: 0o600, flush: true });
    await pipeline(written.chunks, output, { signal: dump.signal });
    const { sizeBytes: size, sha256 } = written.sums();
    await writeFile(`${file}.sha256`, checksumText(sha256, path.basename(file)));
    await rename(partial, file);
    return { file, size, sha256, isEncrypted: passphrase !== undefined, ...dumped.info() };
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  } finally {
    await session?.endSession();
  }
}

/**
 * Opens a file of `writeSnapshotFile` or of mongodump with gzip.
 * @throws UserError when it is encrypted and no passphrase is given; while it is read, what `decrypt` throws.
 */
export async function openSnapshotFile(
  file: string,
  passphrase: string | undefined,
): Promise<AsyncIterable<Uint8Array>> {
  const handle = await open(file);
  const first = Buffer.alloc(MAGIC_BYTES);
  await handle.read(first, 0, first.byteLength, 0).finally(() => handle.close());
  if (isEncrypted(first) && passphrase === undefined) {
    throw new UserError(`${file} is encrypted: give --encrypt-with KEYFILE or set SNAPSHOT_PASSPHRASE.`, {
      exitCode: 2,
    });
  }
  const bytes = createReadStream(file, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>;
  return passphrase !== undefined && isEncrypted(first) ? decrypt(bytes, passphrase, first) : bytes;
}
