import { pipeline } from 'node:stream';
import { extract } from 'tar-stream';
import {
  archiveError,
  isSafePath,
  rejectedFile,
  type ArchiveItem,
  type WantedFiles,
} from './archive-files.ts';

/** Whether the first 512 bytes are the header of a tar archive (POSIX 1003.1, ustar format). */
export function isTarHeader(bytes: Buffer): boolean {
  return bytes.subarray(257, 262).toString('latin1') === 'ustar';
}

/**
 * Reads the wanted files of a tar archive in their order. Links and devices are rejected, because they have no content.
 * @throws TransientError `source_format` when the archive is damaged
 */
export async function* readTar(
  content: AsyncIterable<Buffer>,
  wanted: WantedFiles,
): AsyncGenerator<ArchiveItem> {
  const archive = extract();
  let sourceError: unknown;
  pipeline(content, archive, (error) => {
    sourceError = error ?? undefined;
  });
  try {
    for await (const entry of archive) {
      const name = entry.header.name.replace(/^\.\//, '');
      const isFile = entry.header.type === 'file' || entry.header.type === 'contiguous-file';
      if (!isFile && entry.header.type !== 'directory' && wanted.has(name)) {
        yield rejectedFile('no_file', name);
      } else if (isFile && !isSafePath(name)) yield rejectedFile('unsafe_name', name);
      else if (isFile && wanted.isNestedArchive(name)) yield rejectedFile('nested_archive', name);
      else if (isFile && wanted.has(name)) {
        yield { type: 'file', name, content: withoutReturn(entry as AsyncIterable<Buffer>) };
      }
      // Skips the unread rest of the entry.
      entry.resume();
    }
  } catch (thrown) {
    throw archiveError(sourceError ?? thrown);
  } finally {
    archive.destroy();
  }
}

/** Hides `return`, which a consumer calls when it stops early: it would destroy the entry and the whole archive. */
async function* withoutReturn(entry: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const chunks = entry[Symbol.asyncIterator]();
  for (;;) {
    const next = await chunks.next();
    if (next.done === true) return;
    yield next.value;
  }
}
