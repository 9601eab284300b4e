/**
 * How fast a large database is saved and verified, compared with gzip alone over the same bytes; and the memory in use.
 * One collection of 64 MB is read repeatedly until so many gigabytes have gone through the real dump, the real bucket
 * and the real verification. Needs the servers of `npm start`, or MONGO_URL and MINIO_… in the environment, and free
 * space for half as much in MinIO.
 *
 *   npm run bench -- snapshots [--gigabytes=5] [--json]
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { createGzip } from 'node:zlib';
import type { Connection } from 'mongoose';
import { z } from 'zod';
import { openDatabase } from '../src/database/database.ts';
import { checksumKey, snapshotKey } from '../src/snapshots/snapshot-names.ts';
import { takeSnapshot } from '../src/snapshots/take-snapshot.ts';
import { verifySnapshot } from '../src/snapshots/verify-snapshot.ts';
import { openMinioStore } from '../src/storage/open-stores.ts';
import { createBenchConfig } from './support/bench-config.ts';
import { measure } from './support/measure.ts';

const { values } = parseArgs({
  options: { gigabytes: { type: 'string', default: '5' }, json: { type: 'boolean' } },
});
const isJson = values.json === true;
const gigabytes = z.coerce.number().positive().parse(values.gigabytes);
const DOCUMENTS = 8_192;
/** Written as hexadecimal digits, which gzip compresses to half. */
const RANDOM_BYTES = 4_096;
const COLLECTION = 'large';
const rounds = Math.max(1, Math.round((gigabytes * 1e9) / (DOCUMENTS * RANDOM_BYTES * 2)));
const { name, config } = createBenchConfig();
const directory = await mkdtemp(path.join(tmpdir(), 'sonotheque-bench-'));
const database = await openDatabase(config.mongo, name);
const store = openMinioStore(config.minio, config.storage);
const signal = new AbortController().signal;

/** The same object with one method replaced. */
function withMethod<T extends object>(
  object: T,
  method: keyof T,
  replacement: (...args: never[]) => unknown,
): T {
  return new Proxy(object, {
    get(target, key) {
      if (key === method) return replacement;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** The same connection, except that the large collection is read `rounds` times. */
function repeated(connection: Connection): Connection {
  const client = connection.getClient();
  const db = client.db(name);
  const large = db.collection(COLLECTION);
  const again = withMethod(large, 'find', async function* () {
    for (let round = 0; round < rounds; round += 1) yield* large.find({}, { raw: true, batchSize: 1_000 });
  });
  const collection = (requested: string) => (requested === COLLECTION ? again : db.collection(requested));
  const largeClient = withMethod(client, 'db', () => withMethod(db, 'collection', collection));
  return withMethod(connection, 'getClient', () => largeClient);
}

/** Measures the time and the memory of the process. */
async function measureWithMemory<T>(part: () => Promise<T>) {
  const rssMegabytes: number[] = [];
  const sample = () => rssMegabytes.push(Math.round(process.memoryUsage.rss() / 1024 ** 2));
  sample();
  const timer = setInterval(sample, 250);
  try {
    const { result, seconds } = await measure(part);
    const maximum = (from: number, to: number) =>
      Math.max(
        ...rssMegabytes.slice(Math.floor(rssMegabytes.length * from), Math.ceil(rssMegabytes.length * to)),
      );
    const rss = {
      before: rssMegabytes[0],
      quarters: [maximum(0, 0.25), maximum(0.25, 0.5), maximum(0.5, 0.75), maximum(0.75, 1)],
    };
    return { result, seconds, rss };
  } finally {
    clearInterval(timer);
  }
}

async function gzipAlone(): Promise<number> {
  const documents = database.connection.getClient().db(name).collection(COLLECTION).find({}, { raw: true });
  const bytes = await Array.fromAsync(documents as AsyncIterable<unknown>, (each) =>
    Buffer.from(each as Uint8Array),
  );
  const sizeBytes = bytes.reduce((sum, { length }) => sum + length, 0);
  const nothing = new Writable({
    write(_chunk, _encoding, done) {
      done();
    },
  });
  const { seconds } = await measure(() =>
    pipeline(Readable.from([Buffer.concat(bytes)]), createGzip({ chunkSize: 256 * 1024 }), nothing),
  );
  return sizeBytes / 1e6 / seconds;
}

try {
  const large = database.connection.getClient().db(name).collection(COLLECTION);
  for (let from = 0; from < DOCUMENTS; from += 512) {
    await large.insertMany(
      Array.from({ length: 512 }, () => ({ text: randomBytes(RANDOM_BYTES).toString('hex') })),
    );
  }
  const gzip = await gzipAlone();
  const dependencies = {
    database: { connection: repeated(database.connection), snapshots: database.snapshots },
    store,
    versionLogFile: path.join(directory, 'versions.md'),
    signal,
  };
  const saved = await measureWithMemory(() => takeSnapshot(dependencies, 'bench'));
  const verified = await measureWithMemory(() =>
    verifySnapshot({ database, store, depth: 'bytes', signal }, saved.result.name),
  );
  const { problems, found } = verified.result;
  if (problems.length > 0 || found === undefined)
    throw new Error(`The snapshot is invalid: ${problems.join(' ')}`);
  const bytes = found.collections.reduce((sum, collection) => sum + collection.bytes, 0);
  const count = found.collections.reduce((sum, collection) => sum + collection.count, 0);
  for (const key of [snapshotKey(saved.result.name), checksumKey(saved.result.name)])
    await store.remove(key, signal);
  const figures = {
    documents: count,
    megabytes: Math.round(bytes / 1e6),
    storedMegabytes: Math.round(found.sizeBytes / 1e6),
    megabytesPerSecond: {
      gzipAlone: Math.round(gzip),
      save: Math.round(bytes / 1e6 / saved.seconds),
      verify: Math.round(bytes / 1e6 / verified.seconds),
    },
    rssMegabytes: { save: saved.rss, verify: verified.rss },
  };
  if (isJson) console.log(JSON.stringify(figures));
  else {
    const { gzipAlone: floor, save, verify } = figures.megabytesPerSecond;
    console.log(`${String(figures.documents)} documents, ${String(figures.megabytes)} MB`);
    console.log(`floor: gzip alone  ${String(floor)} MB/s`);
    console.log(`save               ${String(save)} MB/s, ${(save / floor).toFixed(2)} of the floor`);
    console.log(`verify             ${String(verify)} MB/s, ${(verify / floor).toFixed(2)} of the floor`);
    for (const [part, { before, quarters }] of Object.entries(figures.rssMegabytes)) {
      console.log(
        `memory, ${part.padEnd(10)} ${String(before)} MB before; maximum of each quarter ${quarters.join(', ')} MB`,
      );
    }
  }
} finally {
  await database.connection.dropDatabase();
  await database.close();
  store.close();
  await rm(directory, { recursive: true, force: true });
}
