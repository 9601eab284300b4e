import {
  encodeHeader,
  encodeMetadata,
  encodeNamespaceHeader,
  MAGIC,
  namespaceText,
  TERMINATOR,
  type ArchivePart,
  type ArchivePrelude,
  type CollectionTotals,
  type Namespace,
} from './archive-format.ts';
import { Crc64 } from './crc64.ts';

/**
 * Writes archives as mongodump does (mongo-tools, common/archive/spec.md): pieces in, bytes out, a checksum for each
 * collection on the way. Nothing is kept but counts.
 */
export class ArchiveWriter {
  readonly #open = new Map<string, { readonly crc: Crc64; count: number; bytes: number }>();

  /** The beginning; every collection that is going to have documents or an end has to be in it. */
  prelude({ header, collections }: ArchivePrelude): Buffer {
    for (const collection of collections) {
      this.#open.set(namespaceText(collection), { crc: new Crc64(), count: 0, bytes: 0 });
    }
    return Buffer.concat([MAGIC, encodeHeader(header), ...collections.map(encodeMetadata), TERMINATOR]);
  }

  /** Documents of a collection; a copy, so that theirs may be used again. */
  documents(part: Omit<Extract<ArchivePart, { kind: 'documents' }>, 'kind'>): Buffer {
    const { namespace, documents, starts, ends } = part;
    const totals = this.#totalsOf(namespace);
    for (const document of documents) {
      totals.crc.update(document);
      totals.count += 1;
      totals.bytes += document.byteLength;
    }
    return Buffer.concat([
      ...(starts ? [encodeNamespaceHeader(namespace)] : []),
      ...documents,
      ...(ends ? [TERMINATOR] : []),
    ]);
  }

  /** The end of a collection. */
  end(namespace: Namespace): { readonly bytes: Buffer; readonly totals: CollectionTotals } {
    const { count, bytes, crc } = this.#totalsOf(namespace);
    this.#open.delete(namespaceText(namespace));
    const totals = { count, bytes, crc: crc.digest() };
    return { bytes: Buffer.concat([encodeNamespaceHeader(namespace, totals.crc), TERMINATOR]), totals };
  }

  #totalsOf(namespace: Namespace) {
    const totals = this.#open.get(namespaceText(namespace));
    if (totals === undefined) throw new RangeError(`${namespaceText(namespace)} is not open in the archive.`);
    return totals;
  }
}
