/**
 * How fast the mirror copies, compared with the limit of the machine: reading all objects from MinIO without using them,
 * and writing the same amount to Azure from memory; and with rclone on the same servers, if it is on the PATH
 * (`go install github.com/rclone/rclone@v1.75.1`). Needs the URLs of the servers in the environment, an empty bucket and a
 * quiet machine.
 *
 *   node bench/mirror.ts [OBJECTS] [BYTES] [CONCURRENCY]
 *
 * Aims against rclone in the same run: wall at most 1.0 times, CPU at most 1.3 times, most memory 200 MB; two requests for a
 * copied object, none for one that is equal (`test/faults/mirror-mixes.test.ts` counts them).
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { MirrorOptions } from '../src/mirror/mirror-options.ts';
import { runMirror } from '../src/mirror/run-mirror.ts';
import { checksumFile } from '../src/storage/checksums.ts';
import type { ObjectStore } from '../src/storage/object-store.ts';
import { openAzureStore, openMinioStore } from '../src/storage/open-stores.ts';
import { createBenchConfig } from './support/bench-config.ts';
import { measure } from './support/measure.ts';
import { findRclone } from './support/rclone.ts';

const [objects = 1000, sizeBytes = 100_000, concurrency = 8] = process.argv.slice(2).map(Number);
const { signal } = new AbortController();
const { config } = createBenchConfig();
if (config.azure === undefined) throw new Error('Set AZURE_STORAGE_CONNECTION_STRING.');
const minio = openMinioStore(config.minio, config.storage);
const azure = openAzureStore(config.azure, config.storage);
const names = Array.from(
  { length: objects },
  (_value, index) => `bench/${String(index).padStart(7, '0')}.mp3`,
);

async function forEach(work: (name: string) => Promise<void>): Promise<void> {
  const remaining = names.values();
  const workThrough = async () => {
    for (const next of remaining) await work(next);
  };
  await Promise.all(Array.from({ length: concurrency }, workThrough));
}

async function report(label: string, work: () => Promise<unknown>): Promise<number> {
  const cpu = process.cpuUsage();
  const { seconds } = await measure(work);
  const { user, system } = process.cpuUsage(cpu);
  const rate = objects / seconds;
  const cpuMs = (user + system) / 1000 / objects;
  console.log(
    `${label.padEnd(34)} ${seconds.toFixed(2).padStart(7)} s  ${rate.toFixed(0).padStart(6)} objects/s  ` +
      `${((rate * sizeBytes) / 1e6).toFixed(0).padStart(5)} MB/s  ${cpuMs.toFixed(2)} ms of CPU each`,
  );
  return seconds;
}

async function empty(store: ObjectStore): Promise<void> {
  await forEach((next) => store.remove(next, signal));
}

const content = randomBytes(sizeBytes);
const directory = await mkdtemp(path.join(tmpdir(), 'sonotheque-bench-'));
const file = path.join(directory, 'object');
await writeFile(file, content);
const sums = await checksumFile(file);
await Promise.all([minio.ensureContainer(signal), azure.ensureContainer(signal)]);
console.log(`${String(objects)} objects of ${String(sizeBytes)} bytes, ${String(concurrency)} concurrent`);
const put = { file, contentType: 'audio/mpeg', metadata: { title: 'benchmark' }, ...sums };
await report('upload: PUT, stat, compare', () =>
  forEach(async (next) => {
    await minio.putFile({ ...put, name: next }, { signal });
  }),
);
const readSeconds = await report('floor: GET, not used', () =>
  forEach(async (next) => {
    const { stream } = await minio.openRead(next, { signal });
    await finished(stream.resume());
  }),
);
const md5 = createHash('md5').update(content).digest('hex');
const writeSeconds = await report('floor: Put Blob from memory', () =>
  forEach(async (next) => {
    const blob = { sizeBytes, md5, contentType: 'audio/mpeg', metadata: {} };
    await azure.putBlob(next, () => Promise.resolve(Readable.from([content])), blob, { signal });
  }),
);
await empty(azure);
const run: MirrorOptions = { source: minio, target: azure, prefix: '', concurrency, signal };
const mirrorSeconds = await report('mirror: first pass', () => runMirror(run));
await report('mirror: nothing to do', () => runMirror(run));
const rclone = await findRclone(config);
if (rclone === undefined) {
  console.log('rclone is not on the PATH: not compared.');
} else {
  await rclone.check(azure.container);
  console.log('rclone check --download: 0 differences');
  const other = `${azure.container}-rclone`;
  for (const what of ['first pass', 'nothing to do']) {
    const { seconds, cpuSeconds } = await rclone.copy(other);
    console.log(
      `${`rclone: ${what}`.padEnd(34)} ${seconds.toFixed(2).padStart(7)} s  ${((cpuSeconds * 1000) / objects).toFixed(2)} ms of CPU each`,
    );
  }
}
console.log(
  `mirror against the floor (both, one after the other): ${((readSeconds + writeSeconds) / mirrorSeconds).toFixed(2)}`,
);
await Promise.all([empty(minio), empty(azure)]);
await rm(directory, { recursive: true });
minio.close();
azure.close();
