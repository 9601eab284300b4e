import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { fromFdPromise, getFileNameLowLevel, type Entry, type ZipFile } from 'yauzl';
import { PermanentError, TransientError } from '../../../domain/job-errors.ts';
import {
  archiveError,
  isSafePath,
  rejectedFile,
  type ArchiveItem,
  type WantedFiles,
} from './archive-files.ts';

const MAX_FILES = 10_000;

/**
 * Reads the wanted files of a ZIP archive in the order of its central directory. The limit applies to the sizes in the
 * directory; a file that is longer than its entry is an error.
 * @throws TransientError `source_format` when the archive is damaged; PermanentError `too_large`
 */
export async function* readZip(
  file: FileHandle,
  wanted: WantedFiles,
  maxUnpackedBytes: number,
): AsyncGenerator<ArchiveItem> {
  const chosen: { readonly name: string; readonly entry: Entry }[] = [];
  let unpackedBytes = 0;
  try {
    // `decodeStrings: false` disables the name check of yauzl, which would reject the whole archive for one bad name.
    // `autoClose: false` leaves the file handle open for the caller.
    const options = { lazyEntries: true, decodeStrings: false, autoClose: false } as const;
    const archive = await fromFdPromise(file.fd, options);
    for await (const entry of archive.eachEntry()) {
      const { generalPurposeBitFlag, fileNameRaw, extraFields } = entry;
      const name = getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, false);
      if (name.endsWith('/')) continue;
      if (!isSafePath(name)) yield rejectedFile('unsafe_name', name);
      else if (wanted.isNestedArchive(name)) yield rejectedFile('nested_archive', name);
      else if (!wanted.has(name)) continue;
      else if (entry.isEncrypted()) yield rejectedFile('encrypted', name);
      else if (!entry.canDecodeFileData()) yield rejectedFile('unknown_compression', name);
      else {
        chosen.push({ name, entry });
        unpackedBytes += entry.uncompressedSize;
        if (unpackedBytes > maxUnpackedBytes) throw unpackedTooLarge(maxUnpackedBytes);
        if (chosen.length > MAX_FILES) {
          const message = `The archive has more than ${String(MAX_FILES)} files; select some with \`files\`.`;
          throw new PermanentError('source_settings', message);
        }
      }
    }
    for (const { name, entry } of chosen) {
      yield { type: 'file', name, content: contentOf(archive, entry, name) };
    }
  } catch (thrown) {
    throw archiveError(thrown);
  }
}

export function unpackedTooLarge(maxUnpackedBytes: number): PermanentError {
  return new PermanentError(
    'too_large',
    `The archive unpacks to more than ${String(maxUnpackedBytes)} bytes.`,
  );
}

async function* contentOf(archive: ZipFile, entry: Entry, name: string): AsyncGenerator<Buffer> {
  let checksum = 0;
  try {
    for await (const chunk of (await archive.openReadStreamPromise(entry)) as AsyncIterable<Buffer>) {
      checksum = crc32(chunk, checksum);
      yield chunk;
    }
  } catch (thrown) {
    throw archiveError(thrown);
  }
  if (checksum !== entry.crc32) {
    throw new TransientError('source_format', `${name} does not match its checksum in the archive.`);
  }
}
