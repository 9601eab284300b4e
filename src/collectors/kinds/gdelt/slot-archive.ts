import { hash } from 'node:crypto';
import { pipeline, type Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { parse } from 'csv-parse';
import yauzl from 'yauzl';
import { TransientError, toError } from '../../../domain/job-errors.ts';
import type { ListedFile } from './listing.ts';

/** An archive has about 0.1 to 1 MB; this leaves space for days with many events. */
export const MAX_ARCHIVE_BYTES = 32 * 1024 ** 2;
const MAX_CONTENT_BYTES = 256 * 1024 ** 2;
const MAX_ROW_BYTES = 1024 ** 2;
const NEWLINE = 10;

/** Opens a new stream of the content with each call. */
export type ContentOpener = () => Promise<Readable>;

/**
 * @throws TransientError `source_format` when size or MD5 differ from the listing.
 */
export function verifySums(archive: Buffer, { slot, sizeBytes, md5 }: ListedFile): void {
  if (archive.length !== sizeBytes) {
    const sizes = `${String(archive.length)} bytes, but ${String(sizeBytes)} are listed`;
    throw new TransientError('source_format', `The archive of slot ${slot} has ${sizes}.`);
  }
  if (hash('md5', archive) !== md5) {
    throw new TransientError('source_format', `The archive of slot ${slot} does not match its listed MD5.`);
  }
}

/**
 * Opens an archive with a single file and reads it to its end once. When this returns, name, size and CRC-32 are correct
 * and no row is longer than 1 MiB, so that no row of a broken archive is ever yielded.
 * @throws TransientError `source_format` when one of these is wrong.
 */
export async function openVerifiedArchive(archive: Buffer, fileName: string): Promise<ContentOpener> {
  try {
    const zip = await yauzl.fromBufferPromise(archive, { lazyEntries: true, autoClose: false });
    if (zip.entryCount !== 1) throw new Error(`it has ${String(zip.entryCount)} files, not one`);
    const [entry] = await Array.fromAsync(zip.eachEntry());
    if (entry?.fileName !== fileName) throw new Error('its file has a different name');
    if (entry.uncompressedSize > MAX_CONTENT_BYTES) throw new Error('its file is too large');
    const open = () => zip.openReadStreamPromise(entry);
    let checksum = 0;
    let rowBytes = 0;
    for await (const chunk of (await open()) as AsyncIterable<Buffer>) {
      checksum = crc32(chunk, checksum);
      const newline = chunk.lastIndexOf(NEWLINE);
      // Chunks are short: only a row that spans several chunks can be too long.
      rowBytes = newline < 0 ? rowBytes + chunk.length : chunk.length - 1 - newline;
      if (rowBytes > MAX_ROW_BYTES) throw new Error('it has a row that is too long');
    }
    if (checksum !== entry.crc32) throw new Error('its content does not match its CRC-32');
    return open;
  } catch (error) {
    const message = `The archive of ${fileName} cannot be used: ${toError(error).message.replace(/\.$/, '')}.`;
    throw new TransientError('source_format', message, { cause: error });
  }
}

/** Reads the tab-separated rows of a verified archive. GDELT uses no quoting: a quotation mark is part of the text. */
export async function* readRows(content: Readable): AsyncGenerator<readonly string[]> {
  const parser = parse({
    delimiter: '\t',
    quote: null,
    escape: null,
    record_delimiter: ['\n', '\r\n'],
    relax_column_count: true,
    skip_empty_lines: true,
  });
  // An error of either stream ends the loop below; leaving the loop closes both.
  pipeline(content, parser, () => undefined);
  yield* parser as AsyncIterable<readonly string[]>;
}
