import { createHash } from 'node:crypto';
import { pipeline, type Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { parse } from 'csv-parse';
import yauzl from 'yauzl';
import { z } from 'zod';
import { TransientError } from '../../../domain/job-errors.ts';
import type { ListedFile } from './listing.ts';

/** A slot's archive has about 0.1 to 1 MB; this is room for a day of great events. */
export const MAX_ARCHIVE_BYTES = 32 * 1024 ** 2;
const MAX_CONTENT_BYTES = 256 * 1024 ** 2;
const MAX_ROW_BYTES = 1024 ** 2;
const NEWLINE = 10;

/** Makes a new stream of an archive's content each time. */
export type ContentOpener = () => Promise<Readable>;

/**
 * Compares an archive with what the listing says of it.
 * @throws TransientError `source_format` when size or MD5 differ.
 */
export function verifySums(archive: Buffer, { slot, sizeBytes, md5 }: ListedFile): void {
  if (archive.length !== sizeBytes) {
    throw new TransientError(
      'source_format',
      `The archive of slot ${slot} has ${String(archive.length)} bytes where ${String(sizeBytes)} are listed.`,
    );
  }
  if (createHash('md5').update(archive).digest('hex') !== md5) {
    throw new TransientError(
      'source_format',
      `The archive of slot ${slot} does not have the MD5 that is listed.`,
    );
  }
}

/**
 * Opens an archive with a single file and reads it once to its end: name, size and CRC-32 are right when this returns
 * and no row is longer than a megabyte, so that nothing of a broken archive is ever taken.
 * @throws TransientError `source_format` when something is not.
 */
export async function openVerifiedArchive(archive: Buffer, fileName: string): Promise<ContentOpener> {
  try {
    const open = await openOnlyEntry(archive, fileName);
    let checksum = 0;
    let rowBytes = 0;
    for await (const chunk of (await open.stream()) as AsyncIterable<Buffer>) {
      checksum = crc32(chunk, checksum);
      const newline = chunk.lastIndexOf(NEWLINE);
      // A chunk is short: only over several of them can a row grow long.
      rowBytes = newline < 0 ? rowBytes + chunk.length : chunk.length - 1 - newline;
      if (rowBytes > MAX_ROW_BYTES) throw new Error('it has a row without an end');
    }
    if (checksum !== open.crc32) throw new Error('its content does not have its CRC-32');
    return open.stream;
  } catch (error) {
    throw new TransientError(
      'source_format',
      `The archive of ${fileName} cannot be used: ${messageOf(error)}.`,
      {
        cause: error,
      },
    );
  }
}

async function openOnlyEntry(
  archive: Buffer,
  fileName: string,
): Promise<{ readonly crc32: number; readonly stream: ContentOpener }> {
  const zip = await yauzl.fromBufferPromise(archive, { lazyEntries: true, autoClose: false });
  const entries: yauzl.Entry[] = [];
  if (zip.entryCount !== 1) throw new Error(`it has ${String(zip.entryCount)} files, not one`);
  for await (const entry of zip.eachEntry()) entries.push(entry);
  const [entry] = entries;
  if (entry?.fileName !== fileName) throw new Error('its file has another name');
  if (entry.uncompressedSize > MAX_CONTENT_BYTES) throw new Error('its file is too large');
  return { crc32: entry.crc32, stream: () => zip.openReadStreamPromise(entry) };
}

/**
 * Reads the tab-separated rows of a verified archive. GDELT quotes nothing: a quotation mark is part of the text.
 */
export async function* readRows(content: Readable): AsyncGenerator<readonly string[]> {
  const parser = parse({
    delimiter: '\t',
    quote: null,
    escape: null,
    record_delimiter: ['\n', '\r\n'],
    relax_column_count: true,
    skip_empty_lines: true,
  });
  // An error of either stream ends the parser, and with it the loop below; leaving the loop ends both.
  pipeline(content, parser, () => undefined);
  for await (const row of parser) yield rowSchema.parse(row);
}

const rowSchema = z.array(z.string());

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
}
