import {
  ArchiveError,
  decodeHeader,
  decodeMetadata,
  decodeNamespaceHeader,
  FORMAT_VERSION,
  MAGIC,
  MAX_DOCUMENT_BYTES,
  MIN_DOCUMENT_BYTES,
  namespaceText,
  TERMINATOR,
  type ArchivePart,
  type ArchivePrelude,
  type CollectionMetadata,
  type Namespace,
} from './archive-format.ts';
import { ByteCursor } from './byte-cursor.ts';
import { Crc64 } from './crc64.ts';

/** As many bytes of documents come in one piece, and one document more. */
const PIECE_BYTES = 1024 ** 2;
const MAX_PIECE_DOCUMENTS = 1_000;
const LENGTH_BYTES = 4;

/**
 * Reads an archive of mongodump, or one of ours: its prelude, its documents in pieces of about a megabyte, the end of
 * each collection. Every length, checksum and end is checked; what was yielded before an error is not to be trusted.
 * @param source the archive without gzip.
 * @throws ArchiveError when it is not whole, besides whatever the source throws.
 */
export async function* readArchive(source: AsyncIterable<Uint8Array>): AsyncGenerator<ArchivePart, void> {
  const cursor = new ByteCursor(source);
  try {
    const prelude = await readPrelude(cursor);
    yield { kind: 'prelude', prelude };
    const open = new Map(
      prelude.collections.map((collection) => [
        namespaceText(collection),
        { crc: new Crc64(), count: 0, bytes: 0 },
      ]),
    );
    for (;;) {
      if (!(await cursor.fill(LENGTH_BYTES))) {
        if (cursor.heldBytes > 0) throw new ArchiveError('The archive is cut.');
        break;
      }
      const header = decodeNamespaceHeader(await documentOf(cursor, 'a segment without a head'));
      const namespace: Namespace = { db: header.db, collection: header.collection };
      const name = namespaceText(namespace);
      const totals = open.get(name);
      if (totals === undefined) throw new ArchiveError(`Documents of ${name} are where none may be.`);
      if (header.EOF) {
        if ((await readDocument(cursor)) !== undefined) {
          throw new ArchiveError(`Documents follow the end of ${name}.`);
        }
        const crc = totals.crc.digest();
        if (crc !== header.CRC) {
          throw new ArchiveError(
            `The checksum of ${name} is ${hex(crc)}, not ${hex(header.CRC)} as it says.`,
          );
        }
        open.delete(name);
        yield { kind: 'end', namespace, totals: { count: totals.count, bytes: totals.bytes, crc } };
        continue;
      }
      let starts = true;
      for (let ends = false; !ends; starts = false) {
        const documents: Buffer[] = [];
        let bytes = 0;
        while (bytes < PIECE_BYTES && documents.length < MAX_PIECE_DOCUMENTS) {
          const document = await readDocument(cursor);
          if (document === undefined) {
            ends = true;
            break;
          }
          totals.crc.update(document);
          bytes += document.byteLength;
          documents.push(document);
        }
        totals.count += documents.length;
        totals.bytes += bytes;
        yield { kind: 'documents', namespace, documents, starts, ends };
      }
    }
    const [missing] = open.keys();
    if (missing !== undefined) throw new ArchiveError(`The archive is cut: ${missing} has no end.`);
  } finally {
    await cursor.close();
  }
}

async function readPrelude(cursor: ByteCursor): Promise<ArchivePrelude> {
  if (!(await cursor.fill(LENGTH_BYTES)) || cursor.take(LENGTH_BYTES)?.equals(MAGIC) !== true) {
    throw new ArchiveError('It does not begin as an archive of mongodump does.');
  }
  const header = decodeHeader(await documentOf(cursor, 'no header'));
  if (header.version !== FORMAT_VERSION) {
    throw new ArchiveError(`The archive has version ${header.version} of the format; only 0.1 is known.`);
  }
  const collections: CollectionMetadata[] = [];
  for (;;) {
    const document = await readDocument(cursor);
    if (document === undefined) return { header, collections };
    collections.push(decodeMetadata(document));
  }
}

async function documentOf(cursor: ByteCursor, otherwise: string): Promise<Buffer> {
  const document = await readDocument(cursor);
  if (document === undefined) throw new ArchiveError(`The archive has ${otherwise}.`);
  return document;
}

/** The next document; undefined for a terminator. */
async function readDocument(cursor: ByteCursor): Promise<Buffer | undefined> {
  if (cursor.heldBytes < LENGTH_BYTES && !(await cursor.fill(LENGTH_BYTES))) {
    throw new ArchiveError('The archive is cut.');
  }
  const length = cursor.peek(LENGTH_BYTES);
  if (length === undefined || length.equals(TERMINATOR)) {
    cursor.take(LENGTH_BYTES);
    return undefined;
  }
  const bytes = length.readInt32LE();
  if (bytes < MIN_DOCUMENT_BYTES || bytes > MAX_DOCUMENT_BYTES) {
    throw new ArchiveError(`The archive is damaged: a document has a length of ${String(bytes)} bytes.`);
  }
  if (cursor.heldBytes < bytes && !(await cursor.fill(bytes))) {
    throw new ArchiveError('The archive is cut in a document.');
  }
  const document = cursor.take(bytes);
  if (document?.at(-1) !== 0) throw new ArchiveError('The archive is damaged: a document has no end.');
  return document;
}

function hex(crc: bigint): string {
  return crc.toString(16).padStart(16, '0');
}
