import type { z } from 'zod';
import {
  ArchiveError,
  CollectionCounter,
  decodeDocument,
  FORMAT_VERSION,
  headerSchema,
  MAGIC,
  MAX_DOCUMENT_BYTES,
  metadataSchema,
  MIN_DOCUMENT_BYTES,
  namespaceText,
  segmentHeaderSchema,
  TERMINATOR,
  type ArchivePart,
  type ArchivePrelude,
  type CollectionMetadata,
  type Namespace,
} from './archive-format.ts';
import { ByteCursor } from './byte-cursor.ts';

/** A part of documents ends with the document that reaches this size. */
const PART_BYTES = 1024 ** 2;
const MAX_PART_DOCUMENTS = 1_000;
const LENGTH_BYTES = 4;

/**
 * Reads an archive of mongodump or of `dumpDatabase`: the prelude, the documents in parts of about a megabyte, the end
 * of each collection. All lengths, checksums and ends are checked; do not trust parts that came before an error.
 * @param source the archive without gzip.
 * @throws ArchiveError when it is damaged or incomplete; whatever the source throws.
 */
export async function* readArchive(source: AsyncIterable<Uint8Array>): AsyncGenerator<ArchivePart, void> {
  const cursor = new ByteCursor(source);
  try {
    const prelude = await readPrelude(cursor);
    yield { kind: 'prelude', prelude };
    const open = new Map(
      prelude.collections.map((collection) => [namespaceText(collection), new CollectionCounter()]),
    );
    for (;;) {
      if (!(await cursor.fill(LENGTH_BYTES))) {
        if (cursor.bufferedBytes > 0) throw new ArchiveError('The archive is incomplete.');
        break;
      }
      const header = await readRequired(cursor, 'segment header', segmentHeaderSchema);
      const namespace: Namespace = { db: header.db, collection: header.collection };
      const name = namespaceText(namespace);
      const counter = open.get(name);
      if (counter === undefined) {
        throw new ArchiveError(`The archive is damaged: unexpected documents of ${name}.`);
      }
      if (header.EOF) {
        if ((await readDocument(cursor)) !== undefined) {
          throw new ArchiveError(`The archive is damaged: documents after the end of ${name}.`);
        }
        const totals = counter.totals();
        if (totals.crc !== header.CRC) {
          throw new ArchiveError(`The checksum of ${name} is ${hex(totals.crc)}, not ${hex(header.CRC)}.`);
        }
        open.delete(name);
        yield { kind: 'end', namespace, totals };
        continue;
      }
      for (let isEnd = false; !isEnd;) {
        const documents: Buffer[] = [];
        let bytes = 0;
        while (bytes < PART_BYTES && documents.length < MAX_PART_DOCUMENTS) {
          const document = await readDocument(cursor);
          isEnd = document === undefined;
          if (document === undefined) break;
          counter.add(document);
          bytes += document.byteLength;
          documents.push(document);
        }
        yield { kind: 'documents', namespace, documents };
      }
    }
    const [missing] = open.keys();
    if (missing !== undefined) throw new ArchiveError(`The archive is incomplete: ${missing} has no end.`);
  } finally {
    await cursor.close();
  }
}

async function readPrelude(cursor: ByteCursor): Promise<ArchivePrelude> {
  if (!(await cursor.fill(LENGTH_BYTES)) || cursor.take(LENGTH_BYTES)?.equals(MAGIC) !== true) {
    throw new ArchiveError('This is not an archive of mongodump.');
  }
  const header = await readRequired(cursor, 'header', headerSchema);
  if (header.version !== FORMAT_VERSION) {
    throw new ArchiveError(
      `The archive has format version ${header.version}; only ${FORMAT_VERSION} can be read.`,
    );
  }
  const collections: CollectionMetadata[] = [];
  for (;;) {
    const document = await readDocument(cursor);
    if (document === undefined) return { header, collections };
    collections.push(decodeDocument('collection description', metadataSchema, document));
  }
}

async function readRequired<T>(cursor: ByteCursor, what: string, schema: z.ZodType<T>): Promise<T> {
  const document = await readDocument(cursor);
  if (document === undefined) throw new ArchiveError(`The archive is damaged: a ${what} is missing.`);
  return decodeDocument(what, schema, document);
}

/** @returns undefined for a terminator. */
async function readDocument(cursor: ByteCursor): Promise<Buffer | undefined> {
  if (cursor.bufferedBytes < LENGTH_BYTES && !(await cursor.fill(LENGTH_BYTES))) {
    throw new ArchiveError('The archive is incomplete.');
  }
  const length = cursor.peek(LENGTH_BYTES);
  if (length === undefined || length.equals(TERMINATOR)) {
    cursor.take(LENGTH_BYTES);
    return undefined;
  }
  const bytes = length.readInt32LE();
  if (bytes < MIN_DOCUMENT_BYTES || bytes > MAX_DOCUMENT_BYTES) {
    throw new ArchiveError(
      `The archive is damaged: a document has an invalid length (${String(bytes)} bytes).`,
    );
  }
  if (cursor.bufferedBytes < bytes && !(await cursor.fill(bytes))) {
    throw new ArchiveError('The archive ends within a document.');
  }
  const document = cursor.take(bytes);
  if (document?.at(-1) !== 0) throw new ArchiveError('The archive is damaged: a document has no end.');
  return document;
}

function hex(crc: bigint): string {
  return crc.toString(16).padStart(16, '0');
}
