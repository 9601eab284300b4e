import { pipeline } from 'node:stream';
import { extract } from 'tar-stream';
import { JobError, TransientError, toError } from '../../../domain/job-errors.ts';
import { rejectedFile, type ArchiveItem } from './archive.ts';
import { isSafePath, type WantedFiles } from './wanted-files.ts';

/** Whether the first 512 bytes are the header of a tar archive (POSIX 1003.1, ustar format). */
export function isTarHeader(bytes: Buffer): boolean {
  return bytes.subarray(257, 262).toString('latin1') === 'ustar';
}

/**
 * Reads the wanted files of a tar archive in its order. Links and devices are left out: only files have content.
 * @throws TransientError `source_format` when it is damaged
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
      if (!isFile && entry.header.type !== 'directory' && wanted.has(name))
        yield rejectedFile('no_file', name);
      else if (isFile && !isSafePath(name)) yield rejectedFile('unsafe_name', name);
      else if (isFile && wanted.has(name)) {
        yield { type: 'file', name, content: withoutReturn(entry as AsyncIterable<Buffer>) };
      }
      // What was not read of it stands before the next one.
      entry.resume();
    }
  } catch (thrown) {
    const error = toError(sourceError ?? thrown);
    if (error instanceof JobError) throw error;
    throw new TransientError('source_format', `The archive cannot be read: ${error.message}`, {
      cause: error,
    });
  } finally {
    archive.destroy();
  }
}

/** An entry that is given up half-way would take the archive with it; it is skipped instead. */
async function* withoutReturn(entry: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const chunks = entry[Symbol.asyncIterator]();
  for (;;) {
    const next = await chunks.next();
    if (next.done === true) return;
    yield next.value;
  }
}
