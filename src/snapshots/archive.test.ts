import { toInsertable } from './raw-documents.ts';
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import mongoose from 'mongoose';
import { ArchiveError, CollectionCounter, namespaceText, type ArchivePart } from './archive-format.ts';
import { readArchive } from './archive-reader.ts';
import { encodeEnd, encodePrelude, encodeSegment } from './archive-writer.ts';
import { checkArchive, differencesOf } from './check-archive.ts';

const { BSON } = mongoose.mongo;
/** Written by mongodump itself: three collections, one of them empty, a unique index. */
let reference: Buffer;

beforeAll(async () => {
  reference = await readFile(new URL('mongodump.archive', import.meta.url));
});

async function* pieces(bytes: Uint8Array, sizeBytes: number) {
  for (let at = 0; at < bytes.byteLength; at += sizeBytes) {
    yield await Promise.resolve(bytes.subarray(at, at + sizeBytes));
  }
}

function write(part: ArchivePart): Buffer {
  switch (part.kind) {
    case 'prelude':
      return encodePrelude(part.prelude);
    case 'documents':
      return encodeSegment(part.namespace, part.documents);
    case 'end':
      return encodeEnd(part.namespace, part.totals.crc);
  }
}

async function rewritten(bytes: Buffer, pieceBytes: number): Promise<Buffer> {
  const out: Buffer[] = [];
  for await (const part of readArchive(pieces(bytes, pieceBytes))) out.push(write(part));
  return Buffer.concat(out);
}

describe('archives of mongodump', () => {
  test.each([1, 7, 100_000])(
    'are read and written again byte by byte, in pieces of %i',
    async (pieceBytes) => {
      expect(await rewritten(reference, pieceBytes)).toEqual(reference);
    },
  );

  test('list their collections and documents', async () => {
    const parts = await Array.fromAsync(readArchive(pieces(reference, 64)));
    const [first] = parts;
    if (first?.kind !== 'prelude') throw new Error('no prelude');
    expect(first.prelude.header).toMatchObject({ version: '0.1', server_version: '5.0.0' });
    expect(first.prelude.collections.map(namespaceText).sort()).toEqual([
      'reference.b',
      'reference.empty',
      'reference.événements',
    ]);
    const ends = parts.flatMap((part) =>
      part.kind === 'end' ? [[part.namespace.collection, part.totals.count]] : [],
    );
    expect(Object.fromEntries(ends)).toEqual({ b: 4, empty: 0, événements: 3 });
  });

  test('are refused wherever they are truncated', async () => {
    // A cut between two segments only shows in the collections that have no end.
    for (let length = 0; length < reference.byteLength; length += 3) {
      await expect(rewritten(reference.subarray(0, length), 512)).rejects.toThrow(ArchiveError);
    }
  });

  test('are refused when a byte of a document has changed', async () => {
    const changed = Buffer.from(reference);
    changed.write('xy', reference.lastIndexOf('xx'));
    await expect(rewritten(changed, 512)).rejects.toThrow(/checksum of reference\.événements/);
  });

  test('a change of any byte is found by checksums, structure or counts', async () => {
    const gzipped = gzipSync(reference);
    const whole = await checkArchive(pieces(gzipped, 256));
    await fc.assert(
      fc.asyncProperty(fc.nat(gzipped.byteLength - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
        const changed = Buffer.from(gzipped);
        changed[at] = (changed[at] ?? 0) ^ mask;
        const problems = await checkArchive(pieces(changed, 256)).then(
          (found) => differencesOf(found, whole),
          (error: unknown) => {
            expect(error).toBeInstanceOf(ArchiveError);
            return ['refused'];
          },
        );
        expect(problems).not.toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  test('a segment larger than a part is read in several parts', async () => {
    const namespace = { db: 'd', collection: 'c' };
    const counter = new CollectionCounter();
    const documents = Array.from({ length: 5_000 }, (_, n) =>
      BSON.serialize({ _id: n, text: 'x'.repeat(n % 2_000) }),
    );
    for (const document of documents) counter.add(document);
    const prelude = encodePrelude({
      header: { concurrent_collections: 1, version: '0.1', server_version: '8.0.0', tool_version: 't' },
      collections: [{ ...namespace, metadata: '', size: 0, type: '' }],
    });
    const end = encodeEnd(namespace, counter.totals().crc);
    const archive = Buffer.concat([prelude, encodeSegment(namespace, documents), end]);
    const parts: ArchivePart[] = [];
    const read: Buffer[] = [];
    for await (const part of readArchive(pieces(archive, 65_536))) {
      parts.push(part);
      if (part.kind === 'documents') read.push(Buffer.concat(part.documents));
    }
    expect(parts.length).toBeGreaterThan(5);
    expect(parts.at(-1)).toMatchObject({ kind: 'end', totals: counter.totals() });
    // Not `toEqual`, which takes 20 s for these 5 MB.
    expect(Buffer.concat(read).equals(Buffer.concat(documents))).toBe(true);
    // Each part becomes a segment of its own.
    expect(await rewritten(archive, 65_536)).toHaveLength(
      archive.byteLength + (parts.length - 3) * encodeSegment(namespace, []).byteLength,
    );
  });
});

describe('documents that are made insertable', () => {
  test('keep the order of integer keys', () => {
    const inner = new Map([
      ['9', 1],
      ['8', 2],
    ]);
    const document = Buffer.from(BSON.serialize({ k: inner }));
    expect(Buffer.from(BSON.serialize(toInsertable(document)))).toEqual(document);
    expect(Buffer.from(BSON.serialize(BSON.deserialize(document)))).not.toEqual(document);
  });

  test('keep their types', () => {
    const {
      Double,
      Int32,
      Long,
      Decimal128,
      Binary,
      BSONRegExp,
      BSONSymbol,
      Code,
      MaxKey,
      MinKey,
      ObjectId,
      Timestamp,
    } = mongoose.mongo.BSON;
    const document = Buffer.from(
      BSON.serialize(
        new Map<string, unknown>([
          ['2', new Double(1)],
          [
            '1',
            [
              new Int32(1),
              new Map([
                ['b', Long.fromString('9007199254740993')],
                ['0', null],
              ]),
            ],
          ],
          ['decimal', Decimal128.fromString('1.10')],
          ['binary', new Binary(Buffer.from([1, 2]), 5)],
          ['pattern', new BSONRegExp('a.b', 'im')],
          ['symbol', new BSONSymbol('s')],
          ['code', new Code('x()', { a: 1 })],
          ['keys', [new MinKey(), new MaxKey()]],
          ['id', new ObjectId()],
          ['time', new Timestamp({ t: 1, i: 2 })],
          ['date', new Date(-1)],
          ['negative zero', new Double(-0)],
          ['__proto__', 'x'],
          ['', ''],
        ]),
      ),
    );
    expect(Buffer.from(BSON.serialize(toInsertable(document)))).toEqual(document);
  });
});
