import { mirrorSnapshot } from '../../src/snapshots/snapshot-objects.ts';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Decrypter } from 'age-encryption';
import mongoose from 'mongoose';
import { checkArchive } from '../../src/snapshots/check-archive.ts';
import { databaseOf } from '../../src/snapshots/raw-documents.ts';
import { pruneSnapshots } from '../../src/snapshots/prune-snapshots.ts';
import { reconcileRecords } from '../../src/snapshots/reconcile-records.ts';
import { openSnapshotFile } from '../../src/snapshots/snapshot-file.ts';
import { readSnapshotHealth } from '../../src/snapshots/snapshot-health.ts';
import { snapshotName } from '../../src/snapshots/snapshot-names.ts';
import { eventually } from '../support/eventually.ts';
import type { MinioStore } from '../../src/storage/minio-store.ts';
import { startProgram } from '../support/program.ts';
import { objectsOf, openSnapshotStores, type SnapshotStores } from '../support/snapshot-environment.ts';
import { withOverrides } from '../support/with-overrides.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

const never = new AbortController().signal;
const MINUTE_MS = 60_000;
const PATIENCE_MS = 240_000;
const PASSPHRASE = 'correct horse battery';
/** Written by `age --passphrase`, version 1.1.1: `written by age`. */
const AGE_FILE =
  'YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCB5b0lvUjViUmdVZVBFQ1hhd3pBQWVnIDE4Ck9CK3RmSG52Q1VHa2ViRzNoQXhhUlZSK3J0YVNpN1pJZ2Nqa2JJNXFBOXcKLS0tIDR3VTRlaEZxUFdKMi9hRXE2cGRsTGdnSDRtNDNBdnZ4dk1vcytRZG15M00Kjo7H0Lp+qtD5M7Obme6GER6vGA2AGfDweYKtWFLaKlFZYrO9bMVujmtSG/7s0A==';

let environment: TestEnvironment;
let stores: SnapshotStores;
let copies: string[];

beforeEach(async () => {
  environment = await openTestEnvironment();
  stores = openSnapshotStores(environment);
  copies = [];
});
afterEach(async () => {
  for (const copy of copies) await databaseOf(environment.database.connection, copy).dropDatabase();
  stores.close();
  await environment.close();
});

const collection = (name: string, database?: string) =>
  databaseOf(environment.database.connection, database).collection(name);

async function rawDocuments(name: string, database?: string): Promise<string[]> {
  const documents = collection(name, database).find({}, { raw: true }) as AsyncIterable<unknown>;
  const raw = await Array.fromAsync(documents, (document) =>
    Buffer.from(document as Uint8Array).toString('hex'),
  );
  return raw.sort();
}

function copyName(): string {
  const name = `${environment.database.connection.name}-copy${String(copies.length)}`;
  copies.push(name);
  return name;
}

async function addEveryType(): Promise<void> {
  const {
    Binary,
    BSONRegExp,
    Code,
    Decimal128,
    Double,
    Int32,
    Long,
    MaxKey,
    MinKey,
    ObjectId,
    Timestamp,
    UUID,
  } = mongoose.mongo.BSON;
  const values: Record<string, unknown> = {
    double: new Double(1),
    negativeZero: new Double(-0),
    notANumber: NaN,
    text: 'é\u0000 世界',
    numbersAsKeys: new Map([
      ['2', 'b'],
      ['1', 'a'],
    ]),
    list: [1, 'x', [null]],
    binary: new Binary(Buffer.from([1, 2]), 0),
    uuid: new UUID(),
    id: new ObjectId(),
    flag: true,
    date: new Date(-1),
    nothing: null,
    pattern: new BSONRegExp('a.b', 'im'),
    code: new Code('x()'),
    int: new Int32(5),
    timestamp: new Timestamp({ t: 5, i: 6 }),
    long: Long.fromString('9007199254740993'),
    decimal: Decimal128.fromString('1.10'),
    least: new MinKey(),
    most: new MaxKey(),
  };
  const documents = Object.entries(values).map(([_id, value]) => ({ _id: _id as never, value }));
  await collection('tüpes 世界').insertMany(documents);
  await collection('tüpes 世界').createIndexes([
    { key: { other: 1 }, unique: true, sparse: true, name: 'ünique' },
  ]);
}

/** About 12 MB that gzip hardly compresses: several segments, and several parts of 5 MiB. */
async function addMany(): Promise<void> {
  for (let start = 0; start < 6_000; start += 1_000) {
    const rows = Array.from({ length: 1_000 }, (_, index) => ({
      _id: (start + index) as never,
      noise: Buffer.from(Array.from({ length: 2_000 }, () => Math.floor(Math.random() * 256))),
    }));
    await collection('many').insertMany(rows);
  }
}

describe('a snapshot', () => {
  test(
    'contains every collection, is verified by a trial restore, and is restored by one command',
    async () => {
      await addEveryType();
      await addMany();
      await environment.database.connection.createCollection('empty');
      const made = await stores.run('snapshot', '--json');
      expect(made).toMatchObject({ code: 0 });
      const report = JSON.parse(made.out) as {
        name: string;
        collections: { namespace: string; count: number }[];
      };
      const database = environment.database.connection.name;
      expect(
        Object.fromEntries(report.collections.map(({ namespace, count }) => [namespace, count])),
      ).toMatchObject({
        [`${database}.tüpes 世界`]: 20,
        [`${database}.many`]: 6_000,
        [`${database}.empty`]: 0,
        [`${database}.videos`]: 0,
      });
      expect(await stores.objects()).toEqual(objectsOf(report.name));
      expect((await stores.mirror.stat(objectsOf(report.name)[0] ?? '', never))?.sizeBytes).toBeGreaterThan(
        1e7,
      );
      const log = await readFile(environment.config.versionLogFile, 'utf8');
      expect(log).toContain(`\`MONGO_SNAPSHOT\` | ${report.name} — `);

      expect(await stores.run('snapshot', '--verify')).toMatchObject({ code: 0 });
      expect(await environment.database.snapshots.findById(report.name)).toMatchObject({
        status: 'stored',
        verification: 'restored',
        consistency: 'per-collection',
      });

      const copy = copyName();
      const restored = await stores.run('restore', 'latest', '--into', copy);
      expect(restored).toMatchObject({ code: 0 });
      for (const name of ['tüpes 世界', 'many', 'empty']) {
        expect(await rawDocuments(name, copy)).toEqual(await rawDocuments(name));
      }
      const indexes = await collection('tüpes 世界', copy).listIndexes().toArray();
      expect(indexes.find(({ name }) => name === 'ünique')).toMatchObject({
        unique: true,
        key: { other: 1 },
      });
      expect(await collection('runs', copy).listIndexes().toArray()).toHaveLength(5);

      // Existing data is not overwritten without the option.
      await collection('many', copy).insertOne({ _id: 'mine' as never });
      const again = await stores.run('restore', report.name, '--into', copy);
      expect(again).toMatchObject({ code: 1, out: '' });
      expect(again.err).toContain('many (6001)');
      expect(await collection('many', copy).countDocuments()).toBe(6_001);
      const dry = await stores.run('restore', report.name, '--into', copy, '--drop', '--dry-run');
      expect(dry).toMatchObject({ code: 0 });
      expect(await collection('many', copy).countDocuments()).toBe(6_001);
      expect(await stores.run('restore', report.name, '--into', copy, '--drop')).toMatchObject({ code: 0 });
      expect(await collection('many', copy).countDocuments()).toBe(6_000);
    },
    PATIENCE_MS,
  );

  test(
    'that was changed or cut in the bucket fails with exit code 3 and is no longer verified',
    async () => {
      await addEveryType();
      const { name } = await stores.take();
      expect((await stores.verify(name)).problems).toEqual([]);
      const good = await environment.database.snapshots.findById(name);
      const bytes = await stores.read(name);
      const copy = copyName();
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(400) ^ 1, 400);
      for (const broken of [changed, bytes.subarray(0, -20), bytes.subarray(0, 300)]) {
        await stores.replace(name, broken);
        expect(await stores.run('snapshot', '--verify', name)).toMatchObject({ code: 3 });
        const record = await environment.database.snapshots.findById(name);
        expect(record).toMatchObject({ verification: 'failed', verified_at: good?.verified_at });
        expect((await readSnapshotHealth(environment.database.snapshots, new Date())).state).toBe('overdue');
        // A damaged snapshot changes nothing.
        expect(await stores.run('restore', name, '--into', copy, '--drop')).toMatchObject({ code: 3 });
        expect(await collection('tüpes 世界', copy).countDocuments()).toBe(0);
      }
      // The ninth byte of gzip names a file system and is in no other checksum: content and length stay the same.
      const others = Buffer.from(bytes);
      others.writeUInt8(others.readUInt8(9) ^ 1, 9);
      await stores.replace(name, others);
      expect((await stores.verify(name)).problems).toEqual([
        expect.stringContaining('The SHA-256 is'),
        'Its checksum file has another SHA-256.',
      ]);
      await stores.replace(name, bytes);
      expect(await stores.run('snapshot', '--verify', name)).toMatchObject({ code: 0 });
      expect((await readSnapshotHealth(environment.database.snapshots, new Date())).state).toBe('ok');
      const { databases } = (await environment.database.connection
        .getClient()
        .db('admin')
        .command({ listDatabases: 1 })) as { databases: { name: string }[] };
      expect(
        databases.filter((each) => each.name.startsWith(`${environment.database.connection.name}_verify_`)),
      ).toEqual([]);
    },
    PATIENCE_MS,
  );

  test(
    'leaves no object when its process is killed, and the next one is taken',
    async () => {
      await addMany();
      const { variables, directory } = environment;
      const program = startProgram('snapshot', [], { variables, directory });
      await eventually(
        'the snapshot to begin',
        () => environment.database.snapshots.withStatus('running'),
        (all) => all.length > 0,
      );
      program.kill('SIGKILL');
      await program.ended;
      const [running] = await environment.database.snapshots.withStatus('running');
      const name = running?._id ?? '';
      expect(await stores.objects()).toEqual([]);
      // Its worker may still be alive.
      await expect(stores.take()).rejects.toThrow('Another snapshot is being made');
      const later = new Date(Date.now() + 5 * MINUTE_MS);
      const next = await stores.take({ now: () => later });
      expect(next.name).toBe(snapshotName(later));
      expect(await stores.objects()).toEqual(objectsOf(next.name));
      expect(await environment.database.snapshots.findById(name)).toMatchObject({ status: 'failed' });
      expect((await stores.verify(next.name)).problems).toEqual([]);
    },
    PATIENCE_MS,
  );

  test(
    'that fails leaves no object, and is reported',
    async () => {
      await addMany();
      const controller = new AbortController();
      const failing = stores.take({
        onDocuments: () => {
          throw new Error('the disk fell out');
        },
      });
      await expect(failing).rejects.toThrow('the disk fell out');
      expect(await stores.objects()).toEqual([]);
      const [record] = await environment.database.snapshots.recent(1);
      expect(record).toMatchObject({ status: 'failed', error: 'the disk fell out' });
      expect(await readFile(environment.config.versionLogFile, 'utf8')).toContain(
        '`MONGO_SNAPSHOT_ERROR` | the disk fell out',
      );
      const stopped = stores.take({
        now: () => new Date(Date.now() + MINUTE_MS),
        signal: controller.signal,
        onDocuments: () => {
          controller.abort();
        },
      });
      await expect(stopped).rejects.toMatchObject({ outcome: 'interrupted' });
      expect(await stores.objects()).toEqual([]);
      expect(await environment.database.snapshots.withStatus('running')).toEqual([]);
    },
    PATIENCE_MS,
  );

  test(
    'is found in the bucket after a loss of its record',
    async () => {
      const { name } = await stores.take();
      await environment.database.connection.dropDatabase();
      await reconcileRecords({
        snapshots: environment.database.snapshots,
        store: stores.store,
        signal: never,
        at: new Date(),
      });
      expect(await environment.database.snapshots.findById(name)).toMatchObject({
        status: 'stored',
        note: 'found in the bucket',
      });
      expect((await stores.verify(name)).problems).toEqual([]);
      for (const object of objectsOf(name)) await stores.store.remove(object, never);
      await reconcileRecords({
        snapshots: environment.database.snapshots,
        store: stores.store,
        signal: never,
        at: new Date(),
      });
      expect(await environment.database.snapshots.findById(name)).toMatchObject({ status: 'failed' });
    },
    PATIENCE_MS,
  );

  test(
    'keeps its record when it was stored while the records were reconciled',
    async () => {
      const { snapshots } = environment.database;
      const reconcile = (store: MinioStore) =>
        reconcileRecords({ snapshots, store, signal: never, at: new Date() });
      const older = await stores.take();
      // Another process stores one after the listing has begun, and one before it has begun.
      let names: string[] = [];
      const slow = withOverrides(stores.store, {
        list: async function* (...parameters) {
          const before = await stores.take({ now: () => new Date(Date.now() + MINUTE_MS) });
          const listed = await Array.fromAsync(stores.store.list(...parameters));
          const after = await stores.take({ now: () => new Date(Date.now() + 2 * MINUTE_MS) });
          names = [before.name, after.name];
          yield* listed;
        },
      });
      await reconcile(slow);
      for (const name of [older.name, ...names]) {
        const record = await snapshots.findById(name);
        expect(record).toMatchObject({ status: 'stored' });
        expect(record?.note).not.toBe('found in the bucket');
        expect(record?.collections.length).toBeGreaterThan(0);
      }
    },
    PATIENCE_MS,
  );

  test(
    'is pruned from bucket and mirror only after a newer one is verified',
    async () => {
      const day = 24 * 60 * MINUTE_MS;
      const first = Date.parse('2026-01-05T02:30:00Z');
      const names: string[] = [];
      for (let index = 0; index < 4; index += 1) {
        const { name } = await stores.take({ now: () => new Date(first + index * day) });
        await mirrorSnapshot({ source: stores.store, target: stores.mirror }, name, { signal: never });
        names.push(name);
      }
      const prune = (dryRun: boolean) =>
        pruneSnapshots({
          snapshots: environment.database.snapshots,
          keep: { daily: 1, weekly: 0, monthly: 0 },
          stores: [stores.mirror, stores.store],
          dryRun,
          signal: never,
        });
      const kept = async (dryRun: boolean) =>
        (await prune(dryRun)).filter(({ isKept }) => isKept).map(({ name }) => name);
      expect(await kept(false)).toHaveLength(4);
      await stores.verify(names[2] ?? '');
      expect(await kept(true)).toEqual([names[3], names[2]]);
      expect(await stores.objects()).toHaveLength(8);
      expect(await kept(false)).toEqual([names[3], names[2]]);
      const left = [names[2] ?? '', names[3] ?? ''].flatMap(objectsOf).sort();
      expect(await stores.objects()).toEqual(left);
      const mirrored: string[] = [];
      for await (const page of stores.mirror.list('', never)) mirrored.push(...page.map(({ name }) => name));
      expect(mirrored.sort()).toEqual(left);
      expect(await environment.database.snapshots.findById(names[0] ?? '')).toMatchObject({
        status: 'pruned',
      });
    },
    PATIENCE_MS,
  );

  test(
    'is written to an encrypted file and restored from it',
    async () => {
      await addEveryType();
      const keyFile = path.join(environment.directory, 'key.txt');
      await writeFile(keyFile, `${PASSPHRASE}\n`);
      const file = path.join(environment.directory, 'dump.enc');
      expect(await stores.run('snapshot', '--at', file, '--encrypt-with', keyFile)).toMatchObject({
        code: 0,
      });
      expect((await readFile(file)).includes('é')).toBe(false);
      const decrypter = new Decrypter();
      decrypter.addPassphrase(PASSPHRASE);
      const found = await checkArchive(Readable.from([await decrypter.decrypt(await readFile(file))]));
      expect(found.collections.length).toBeGreaterThan(0);
      const copy = copyName();
      expect(await stores.run('restore', file, '--into', copy)).toMatchObject({ code: 2 });
      expect(await stores.run('restore', file, '--into', copy, '--encrypt-with', keyFile)).toMatchObject({
        code: 0,
      });
      expect(await rawDocuments('tüpes 世界', copy)).toEqual(await rawDocuments('tüpes 世界'));
      await writeFile(keyFile, 'another passphrase');
      expect(await stores.run('restore', file, '--into', copy, '--encrypt-with', keyFile)).toMatchObject({
        code: 3,
      });
    },
    PATIENCE_MS,
  );

  test('encrypted by age itself is decrypted', async () => {
    const file = path.join(environment.directory, 'plain.age');
    await writeFile(file, AGE_FILE, 'base64');
    const plain = await Array.fromAsync(await openSnapshotFile(file, PASSPHRASE));
    expect(Buffer.concat(plain).toString()).toBe('written by age');
  });
});
