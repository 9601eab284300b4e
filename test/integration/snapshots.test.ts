import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import mongoose from 'mongoose';
import { databaseOf } from '../../src/snapshots/native-database.ts';
import { pruneSnapshots } from '../../src/snapshots/prune-snapshots.ts';
import { recoverRecords } from '../../src/snapshots/recover-records.ts';
import { readSnapshotHealth } from '../../src/snapshots/snapshot-health.ts';
import { snapshotName } from '../../src/snapshots/snapshot-names.ts';
import { mirrorSnapshot } from '../../src/snapshots/mirror-snapshot.ts';
import { eventually } from '../support/eventually.ts';
import { startProgram } from '../support/program.ts';
import { objectsOf, openSnapshotTest, type SnapshotTest } from '../support/snapshot-setting.ts';
import { openTestSetting, type TestEnvironment } from '../support/test-environment.ts';

const never = new AbortController().signal;
const MINUTE_MS = 60_000;
const PATIENCE_MS = 240_000;

let setting: TestEnvironment;
let places: SnapshotTest;
let copies: string[];

beforeEach(async () => {
  setting = await openTestSetting();
  places = openSnapshotTest(setting);
  copies = [];
});
afterEach(async () => {
  for (const copy of copies) await databaseOf(setting.database.connection, copy).dropDatabase();
  places.close();
  await setting.close();
});

const collection = (name: string, database?: string) =>
  databaseOf(setting.database.connection, database).collection(name);

async function rawDocuments(name: string, database?: string): Promise<string[]> {
  const documents = collection(name, database).find({}, { raw: true }) as AsyncIterable<unknown>;
  const raw = await Array.fromAsync(documents, (document) =>
    Buffer.from(document as Uint8Array).toString('hex'),
  );
  return raw.sort();
}

function copyName(): string {
  const name = `${setting.database.connection.name}-copy${String(copies.length)}`;
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

/** About 12 MB, which gzip hardly makes smaller: several segments, and several parts of 5 MiB. */
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
    'holds every collection, is verified by a trial restore, and is restored by one command',
    async () => {
      await addEveryType();
      await addMany();
      await setting.database.connection.createCollection('empty');
      const made = await places.run('snapshot', '--json');
      expect(made).toMatchObject({ code: 0 });
      const report = JSON.parse(made.out) as {
        name: string;
        collections: { namespace: string; count: number }[];
      };
      const database = setting.database.connection.name;
      expect(
        Object.fromEntries(report.collections.map(({ namespace, count }) => [namespace, count])),
      ).toMatchObject({
        [`${database}.tüpes 世界`]: 20,
        [`${database}.many`]: 6_000,
        [`${database}.empty`]: 0,
        [`${database}.videos`]: 0,
      });
      expect(await places.objects()).toEqual(objectsOf(report.name));
      expect((await places.mirror.stat(objectsOf(report.name)[0] ?? '', never))?.sizeBytes).toBeGreaterThan(
        1e7,
      );
      const log = await readFile(setting.config.versionLogFile, 'utf8');
      expect(log).toContain(`\`MONGO_SNAPSHOT\` | ${report.name} — `);

      expect(await places.run('snapshot', '--verify')).toMatchObject({ code: 0 });
      expect(await setting.database.snapshots.find(report.name)).toMatchObject({
        status: 'stored',
        verification: 'restored',
        consistency: 'per-collection',
      });

      const copy = copyName();
      const restored = await places.run('restore', 'latest', '--into', copy);
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

      // What is there is not overwritten unless that is said.
      await collection('many', copy).insertOne({ _id: 'mine' as never });
      const again = await places.run('restore', report.name, '--into', copy);
      expect(again).toMatchObject({ code: 1, out: '' });
      expect(again.err).toContain('many (6001)');
      expect(await collection('many', copy).countDocuments()).toBe(6_001);
      const dry = await places.run('restore', report.name, '--into', copy, '--drop', '--dry-run');
      expect(dry).toMatchObject({ code: 0 });
      expect(await collection('many', copy).countDocuments()).toBe(6_001);
      expect(await places.run('restore', report.name, '--into', copy, '--drop')).toMatchObject({ code: 0 });
      expect(await collection('many', copy).countDocuments()).toBe(6_000);
    },
    PATIENCE_MS,
  );

  test(
    'that was changed or cut in the bucket fails with exit code 3 and counts as verified no longer',
    async () => {
      await addEveryType();
      const { name } = await places.take();
      expect((await places.verify(name)).problems).toEqual([]);
      const good = await setting.database.snapshots.find(name);
      const bytes = await places.read(name);
      const copy = copyName();
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(400) ^ 1, 400);
      for (const broken of [changed, bytes.subarray(0, -20), bytes.subarray(0, 300)]) {
        await places.replace(name, broken);
        expect(await places.run('snapshot', '--verify', name)).toMatchObject({ code: 3 });
        const record = await setting.database.snapshots.find(name);
        expect(record).toMatchObject({ verification: 'failed', verified_at: good?.verified_at });
        expect((await readSnapshotHealth(setting.database.snapshots, new Date())).state).toBe('overdue');
        // Nothing was touched for a damaged one.
        expect(await places.run('restore', name, '--into', copy, '--drop')).toMatchObject({ code: 3 });
        expect(await collection('tüpes 世界', copy).countDocuments()).toBe(0);
      }
      // The ninth byte of gzip names a file system and is in no other checksum: content and length are the same.
      const others = Buffer.from(bytes);
      others.writeUInt8(others.readUInt8(9) ^ 1, 9);
      await places.replace(name, others);
      expect((await places.verify(name)).problems).toEqual([
        expect.stringContaining('Its SHA-256 is'),
        'The checksum beside it is another one.',
      ]);
      await places.replace(name, bytes);
      expect(await places.run('snapshot', '--verify', name)).toMatchObject({ code: 0 });
      expect((await readSnapshotHealth(setting.database.snapshots, new Date())).state).toBe('ok');
      const { databases } = (await setting.database.connection
        .getClient()
        .db('admin')
        .command({ listDatabases: 1 })) as { databases: { name: string }[] };
      expect(
        databases.filter((each) => each.name.startsWith(`${setting.database.connection.name}_verify_`)),
      ).toEqual([]);
    },
    PATIENCE_MS,
  );

  test(
    'whose process is killed leaves nothing to see, and the next one is made',
    async () => {
      await addMany();
      const { variables, directory } = setting;
      const program = startProgram('snapshot', [], { variables, directory });
      await eventually(
        'the snapshot to begin',
        () => setting.database.snapshots.withStatus('running'),
        (all) => all.length > 0,
      );
      program.kill('SIGKILL');
      await program.ended;
      const [dead] = await setting.database.snapshots.withStatus('running');
      const name = dead?._id ?? '';
      expect(await places.objects()).toEqual([]);
      // It may be alive for all that anybody knows.
      await expect(places.take()).rejects.toThrow('Another snapshot is being made');
      const later = new Date(Date.now() + 5 * MINUTE_MS);
      const next = await places.take({ now: () => later });
      expect(next.name).toBe(snapshotName(later));
      expect(await places.objects()).toEqual(objectsOf(next.name));
      expect(await setting.database.snapshots.find(name)).toMatchObject({ status: 'failed' });
      expect((await places.verify(next.name)).problems).toEqual([]);
    },
    PATIENCE_MS,
  );

  test(
    'that fails in the middle does not appear, and is told',
    async () => {
      await addMany();
      const controller = new AbortController();
      const failing = places.take({
        onDocuments: () => {
          throw new Error('the disk fell out');
        },
      });
      await expect(failing).rejects.toThrow('the disk fell out');
      expect(await places.objects()).toEqual([]);
      const [record] = await setting.database.snapshots.recent(1);
      expect(record).toMatchObject({ status: 'failed', error: 'the disk fell out' });
      expect(await readFile(setting.config.versionLogFile, 'utf8')).toContain(
        '`MONGO_SNAPSHOT_ERROR` | the disk fell out',
      );
      const stopped = places.take({
        now: () => new Date(Date.now() + MINUTE_MS),
        signal: controller.signal,
        onDocuments: () => {
          controller.abort();
        },
      });
      await expect(stopped).rejects.toMatchObject({ outcome: 'interrupted' });
      expect(await places.objects()).toEqual([]);
      expect(await setting.database.snapshots.withStatus('running')).toEqual([]);
    },
    PATIENCE_MS,
  );

  test(
    'is found in the bucket again after a loss of the record',
    async () => {
      const { name } = await places.take();
      await setting.database.connection.dropDatabase();
      await recoverRecords({
        snapshots: setting.database.snapshots,
        store: places.store,
        signal: never,
        at: new Date(),
      });
      expect(await setting.database.snapshots.find(name)).toMatchObject({
        status: 'stored',
        note: 'found in the bucket',
      });
      expect((await places.verify(name)).problems).toEqual([]);
      for (const object of objectsOf(name)) await places.store.remove(object, never);
      await recoverRecords({
        snapshots: setting.database.snapshots,
        store: places.store,
        signal: never,
        at: new Date(),
      });
      expect(await setting.database.snapshots.find(name)).toMatchObject({ status: 'failed' });
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
        const { name } = await places.take({ now: () => new Date(first + index * day) });
        await mirrorSnapshot({ source: places.store, target: places.mirror }, name, { signal: never });
        names.push(name);
      }
      const prune = (dryRun: boolean) =>
        pruneSnapshots({
          snapshots: setting.database.snapshots,
          keep: { daily: 1, weekly: 0, monthly: 0 },
          stores: [places.mirror, places.store],
          dryRun,
          signal: never,
        });
      const kept = async (dryRun: boolean) =>
        (await prune(dryRun)).filter(({ isKept }) => isKept).map(({ name }) => name);
      expect(await kept(false)).toHaveLength(4);
      await places.verify(names[2] ?? '');
      expect(await kept(true)).toEqual([names[3], names[2]]);
      expect(await places.objects()).toHaveLength(8);
      expect(await kept(false)).toEqual([names[3], names[2]]);
      const left = [names[2] ?? '', names[3] ?? ''].flatMap(objectsOf).sort();
      expect(await places.objects()).toEqual(left);
      const mirrored: string[] = [];
      for await (const page of places.mirror.list('', never)) mirrored.push(...page.map(({ name }) => name));
      expect(mirrored.sort()).toEqual(left);
      expect(await setting.database.snapshots.find(names[0] ?? '')).toMatchObject({ status: 'pruned' });
    },
    PATIENCE_MS,
  );

  test(
    'goes to a file instead, encrypted, and comes back from it',
    async () => {
      await addEveryType();
      const keyFile = path.join(setting.directory, 'key.txt');
      await writeFile(keyFile, 'a long passphrase\n');
      const file = path.join(setting.directory, 'dump.enc');
      expect(await places.run('snapshot', '--at', file, '--encrypt-with', keyFile)).toMatchObject({
        code: 0,
      });
      expect((await readFile(file)).includes('é')).toBe(false);
      const copy = copyName();
      expect(await places.run('restore', file, '--into', copy)).toMatchObject({ code: 2 });
      expect(await places.run('restore', file, '--into', copy, '--encrypt-with', keyFile)).toMatchObject({
        code: 0,
      });
      expect(await rawDocuments('tüpes 世界', copy)).toEqual(await rawDocuments('tüpes 世界'));
      await writeFile(keyFile, 'another passphrase');
      expect(await places.run('restore', file, '--into', copy, '--encrypt-with', keyFile)).toMatchObject({
        code: 3,
      });
    },
    PATIENCE_MS,
  );
});
