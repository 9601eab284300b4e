import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { PermanentError } from '../../../domain/job-errors.ts';
import { archiveError, type ArchiveItem, type WantedFiles } from './archive-files.ts';
import type { Download } from './download.ts';
import { readAhead } from './first-chunk.ts';
import { isTarHeader, readTar } from './tar-archive.ts';
import { readZip, unpackedTooLarge } from './zip-archive.ts';

const TAR_BLOCK_BYTES = 512;

/**
 * The wanted files of a download, one after the other, from a ZIP archive, a tar archive (also gzip) or a single table
 * (also gzip). The format is recognised by the first bytes, because the names and media types of Kaggle's storage are
 * unreliable.
 * @param fallbackName the name of a single table without an archive and without a name of its own
 * @throws TransientError `source_format`; PermanentError `too_large`, `source_refused` for a web page
 */
export async function* readDatasetFiles(
  { file, name, mediaType }: Download,
  wanted: WantedFiles,
  maxUnpackedBytes: number,
  fallbackName: string,
): AsyncGenerator<ArchiveItem> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(TAR_BLOCK_BYTES), 0, TAR_BLOCK_BYTES, 0);
  const start = buffer.subarray(0, bytesRead);
  if (/^PK(?:\x03\x04|\x05\x06)/.test(start.toString('latin1'))) {
    yield* readZip(file, wanted, maxUnpackedBytes);
    return;
  }
  if (/^text\/html\b/i.test(mediaType) || /^\s*<(?:!doctype|html)\b/i.test(start.toString('latin1'))) {
    throw new PermanentError(
      'source_refused',
      'Kaggle sent a web page instead of the files. Sign in to Kaggle once and accept the terms of the dataset.',
    );
  }
  const isGzip = start[0] === 0x1f && start[1] === 0x8b;
  // `autoClose: false` keeps the handle open at the end of the content.
  const stored = file.createReadStream({ start: 0, autoClose: false });
  try {
    const unpacked = limited(isGzip ? gunzipped(stored) : stored, maxUnpackedBytes);
    const { first, whole } = await readAhead(unpacked, TAR_BLOCK_BYTES);
    if (isTarHeader(first)) {
      yield* readTar(whole, wanted);
      return;
    }
    const tableName = [name?.replace(/\.gz$/i, ''), fallbackName, ...wanted.missing()].find(
      (candidate) =>
        candidate !== undefined && /\.(?:csv|tsv|txt)$/i.test(candidate) && wanted.has(candidate),
    );
    if (tableName !== undefined) yield { type: 'file', name: tableName, content: whole };
  } finally {
    // The handle cannot be closed while an unread stream uses it.
    stored.destroy();
  }
}

async function* gunzipped(stored: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  // A failure of either side destroys the other and is thrown by the loop below.
  pipeline(stored, gunzip, () => undefined);
  try {
    yield* gunzip as AsyncIterable<Buffer>;
  } catch (thrown) {
    throw archiveError(thrown, 'The download cannot be unpacked');
  }
}

async function* limited(content: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Buffer> {
  let sizeBytes = 0;
  for await (const chunk of content) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw unpackedTooLarge(maxBytes);
    yield chunk;
  }
}
