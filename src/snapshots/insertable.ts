import mongoose from 'mongoose';

const { BSON } = mongoose.mongo;

/** Every type stays what it is, so that the document can be written again as it was. */
const AS_IT_IS = {
  promoteValues: false,
  promoteLongs: false,
  promoteBuffers: false,
  bsonRegExp: true,
} as const;
const OBJECT = 3;
const ARRAY = 4;

/**
 * A document as the driver can insert it, byte for byte as it was. JavaScript's objects move keys that are numbers to
 * the front; documents that have such keys become maps, which the driver writes in their order.
 */
export function insertable(bytes: Uint8Array): object {
  const plain = BSON.deserialize(bytes, AS_IT_IS);
  return isSame(plain, bytes) ? plain : mapOf(bytes);
}

function isSame(document: object, bytes: Uint8Array): boolean {
  return Buffer.compare(BSON.serialize(document), bytes) === 0;
}

function mapOf(bytes: Uint8Array): Map<string, unknown> {
  const map = new Map<string, unknown>();
  for (const [type, nameAt, nameBytes, at, length] of BSON.onDemand.parseToElements(bytes)) {
    const name = Buffer.from(bytes.buffer, bytes.byteOffset + nameAt, nameBytes).toString('utf8');
    map.set(name, valueOf(type, bytes.subarray(at, at + length)));
  }
  return map;
}

function valueOf(type: number, value: Uint8Array): unknown {
  if (type === OBJECT) return mapOf(value);
  if (type === ARRAY) return [...mapOf(value).values()];
  // A document with this one element, of an empty name.
  const document = Buffer.alloc(4 + 1 + 1 + value.byteLength + 1);
  document.writeInt32LE(document.byteLength, 0);
  document.writeUInt8(type, 4);
  document.set(value, 6);
  return BSON.deserialize(document, AS_IT_IS)[''];
}
