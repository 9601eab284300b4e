import mongoose from 'mongoose';
import { MAGIC, TERMINATOR, type ArchivePrelude, type Namespace } from './archive-format.ts';

const { BSON, Long } = mongoose.mongo;

/** The beginning of an archive (mongo-tools, common/archive/spec.md); it must name all collections that follow. */
export function encodePrelude({ header, collections }: ArchivePrelude): Buffer {
  const documents = [header, ...collections].map((document) => BSON.serialize(document));
  return Buffer.concat([MAGIC, ...documents, TERMINATOR]);
}

/** Documents of one collection. They are copied, so that the caller may reuse their memory. */
export function encodeSegment(namespace: Namespace, documents: readonly Uint8Array[]): Buffer {
  return Buffer.concat([encodeHeader(namespace, false, 0n), ...documents, TERMINATOR]);
}

/** The end of a collection. @param crc of all its documents. */
export function encodeEnd(namespace: Namespace, crc: bigint): Buffer {
  return Buffer.concat([encodeHeader(namespace, true, crc), TERMINATOR]);
}

function encodeHeader({ db, collection }: Namespace, EOF: boolean, crc: bigint): Uint8Array {
  return BSON.serialize({ db, collection, EOF, CRC: Long.fromBigInt(BigInt.asIntN(64, crc)) });
}
