import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { fromFdPromise, getFileNameLowLevel, type Entry, type ZipFile } from 'yauzl';
import { PermanentError, TransientError, toError } from '../../../domain/job-errors.ts';
import { rejectedFile, type ArchiveItem } from './archive.ts';
import { isSafePath, type WantedFiles } from './wanted-files.ts';

/** A dataset of more files than that is not one of tables. */
const MAX_FILES = 10_000;

/**
 * Reads the wanted files of a ZIP archive in the order of its central directory. The sizes there are those that the
 * limit is compared with; a file that turns out longer is an error.
 * @throws TransientError `source_format` when it is damaged; PermanentError `too_large`
 */
export async function* readZip(
  file: FileHandle,
  wanted: WantedFiles,
  maxUnpackedBytes: number,
): AsyncGenerator<ArchiveItem> {
  const archive = await readable(
    // Names are checked here, so that one bad name does not cost the whole archive. The handle stays the caller's.
    fromFdPromise(file.fd, { lazyEntries: true, decodeStrings: false, autoClose: false }),
  );
  const chosen: { readonly name: string; readonly entry: Entry }[] = [];
  let unpackedBytes = 0;
  for await (const item of chooseEntries(archive, wanted)) {
    if ('type' in item) {
      yield item;
      continue;
    }
    chosen.push(item);
    unpackedBytes += item.entry.uncompressedSize;
    if (unpackedBytes > maxUnpackedBytes) throw tooMuch(maxUnpackedBytes);
    if (chosen.length > MAX_FILES) {
      throw new PermanentError('source_settings', `It has more than ${String(MAX_FILES)} files; name some.`);
    }
  }
  for (const { name, entry } of chosen)
    yield { type: 'file', name, content: contentOf(archive, entry, name) };
}

/** The failure of an archive that unpacks to more than is allowed. */
export function tooMuch(maxUnpackedBytes: number): PermanentError {
  return new PermanentError('too_large', `It unpacks to more than ${String(maxUnpackedBytes)} bytes.`);
}

async function* chooseEntries(archive: ZipFile, wanted: WantedFiles) {
  const entries = archive.eachEntry();
  for (;;) {
    const next = await readable(entries.next());
    if (next.done === true) return;
    const entry = next.value;
    const name = getFileNameLowLevel(
      entry.generalPurposeBitFlag,
      entry.fileNameRaw,
      entry.extraFields,
      false,
    );
    if (name.endsWith('/')) continue;
    if (!isSafePath(name)) yield rejectedFile('unsafe_name', name);
    else if (!wanted.has(name)) continue;
    else if (entry.isEncrypted()) yield rejectedFile('encrypted', name);
    else if (!entry.canDecodeFileData()) yield rejectedFile('unknown_compression', name);
    else yield { name, entry };
  }
}

async function* contentOf(archive: ZipFile, entry: Entry, name: string): AsyncGenerator<Buffer> {
  const stream = await readable(archive.openReadStreamPromise(entry));
  let checksum = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      checksum = crc32(chunk, checksum);
      yield chunk;
    }
  } catch (error) {
    throw damaged(error);
  }
  if (checksum !== entry.crc32) {
    throw new TransientError('source_format', `${name} differs from its checksum in the archive.`);
  }
}

async function readable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw damaged(error);
  }
}

function damaged(thrown: unknown): TransientError {
  const error = toError(thrown);
  return new TransientError('source_format', `The archive cannot be read: ${error.message}`, {
    cause: error,
  });
}
