import mongoose from 'mongoose';
import {
  CollectionCounter,
  encodeSegmentHeader,
  MAGIC,
  namespaceText,
  TERMINATOR,
  type ArchivePart,
  type ArchivePrelude,
  type CollectionTotals,
  type Namespace,
} from './archive-format.ts';

const { BSON } = mongoose.mongo;

/**
 * Writes archives in the format of mongodump (mongo-tools, common/archive/spec.md): parts in, bytes out. Keeps only
 * counts and checksums.
 */
export class ArchiveWriter {
  readonly #open = new Map<string, CollectionCounter>();

  /** The beginning of the archive; it must name all collections that follow. */
  prelude({ header, collections }: ArchivePrelude): Buffer {
    for (const collection of collections) this.#open.set(namespaceText(collection), new CollectionCounter());
    return Buffer.concat([
      MAGIC,
      ...[header, ...collections].map((document) => BSON.serialize(document)),
      TERMINATOR,
    ]);
  }

  /** Copies the documents, so that the caller may reuse their memory. */
  documents(part: Omit<Extract<ArchivePart, { kind: 'documents' }>, 'kind'>): Buffer {
    const { namespace, documents, starts, ends } = part;
    const counter = this.#counterOf(namespace);
    for (const document of documents) counter.add(document);
    return Buffer.concat([
      ...(starts ? [encodeSegmentHeader(namespace)] : []),
      ...documents,
      ...(ends ? [TERMINATOR] : []),
    ]);
  }

  end(namespace: Namespace): { readonly bytes: Buffer; readonly totals: CollectionTotals } {
    const totals = this.#counterOf(namespace).totals();
    this.#open.delete(namespaceText(namespace));
    return { bytes: Buffer.concat([encodeSegmentHeader(namespace, totals.crc), TERMINATOR]), totals };
  }

  #counterOf(namespace: Namespace): CollectionCounter {
    const counter = this.#open.get(namespaceText(namespace));
    if (counter !== undefined) return counter;
    throw new RangeError(`${namespaceText(namespace)} is not an open collection of the archive.`);
  }
}
