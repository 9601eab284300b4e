import mongoose, { type Connection, type mongo } from 'mongoose';

const { BSON } = mongoose.mongo;

/** Every value keeps its BSON type, so that the document can be written again byte for byte. */
const KEEP_BSON_TYPES = {
  promoteValues: false,
  promoteLongs: false,
  promoteBuffers: false,
  bsonRegExp: true,
} as const;
const BSON_OBJECT = 3;
const BSON_ARRAY = 4;

/** The driver's database behind a mongoose connection, or another database of the same server. */
export function databaseOf(connection: Connection, name = connection.name): mongo.Db {
  return connection.getClient().db(name);
}

/** All documents of a collection as BSON. */
export async function* readRawDocuments(
  collection: mongo.Collection,
  options: mongo.FindOptions = {},
): AsyncGenerator<Uint8Array, void> {
  const cursor = collection.find({}, { ...options, raw: true, batchSize: 1_000 });
  for await (const document of cursor as AsyncIterable<unknown>) {
    if (!(document instanceof Uint8Array)) throw new TypeError('The driver did not return raw documents.');
    yield document;
  }
}

/**
 * Makes an object that the driver writes as exactly these bytes. JavaScript objects move integer keys to the front;
 * documents that have such keys become maps, which the driver writes in their order.
 */
export function toInsertable(bytes: Uint8Array): object {
  const document = BSON.deserialize(bytes, KEEP_BSON_TYPES);
  return Buffer.compare(BSON.serialize(document), bytes) === 0 ? document : toMap(bytes);
}

function toMap(bytes: Uint8Array): Map<string, unknown> {
  const map = new Map<string, unknown>();
  for (const [type, nameAt, nameBytes, at, length] of BSON.onDemand.parseToElements(bytes)) {
    const name = Buffer.from(bytes.buffer, bytes.byteOffset + nameAt, nameBytes).toString('utf8');
    map.set(name, toValue(type, bytes.subarray(at, at + length)));
  }
  return map;
}

function toValue(type: number, value: Uint8Array): unknown {
  if (type === BSON_OBJECT) return toMap(value);
  if (type === BSON_ARRAY) return [...toMap(value).values()];
  // The parser only reads documents: wrap the value in one, under an empty name.
  const document = Buffer.alloc(4 + 1 + 1 + value.byteLength + 1);
  document.writeInt32LE(document.byteLength, 0);
  document.writeUInt8(type, 4);
  document.set(value, 6);
  return BSON.deserialize(document, KEEP_BSON_TYPES)[''];
}
