import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from 'minio';
import { copyObject } from '../../src/mirror/copy-object.ts';
import type { MirrorOptions } from '../../src/mirror/mirror-options.ts';
import { runMirror } from '../../src/mirror/run-mirror.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';
import { openMinioStore } from '../../src/storage/open-stores.ts';
import { TestWorkers } from '../support/job-workers.ts';
import { startRealWorker } from '../support/real-workers.ts';
import { TransientError } from '../../src/domain/job-errors.ts';
import { checksumFile } from '../../src/storage/checksums.ts';
import { MinioStore } from '../../src/storage/minio-store.ts';
import { LIMITS, listAll, openTestStores, untilDone, type TestStores } from '../contract/test-stores.ts';
import { withOverrides } from '../support/with-overrides.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { minioKeys } from '../support/minio-keys.ts';

let stores: TestStores;
beforeAll(async () => {
  stores = await openTestStores();
});
afterEach(async () => {
  for (const store of [stores.minio, stores.azure]) {
    for (const { name } of await listAll(store)) await store.remove(name, untilDone);
  }
});
afterAll(() => stores.close());

const run = (options: Partial<MirrorOptions> = {}) =>
  runMirror({
    source: stores.minio,
    target: stores.azure,
    prefix: '',
    concurrency: 4,
    signal: untilDone,
    ...options,
  });

describe('a pass of the mirror', () => {
  test('copies missing and different objects with all their metadata; the next pass copies nothing', async () => {
    const contents = new Map(
      Array.from({ length: 12 }, (_value, index) => [`a/${String(index)}.mp3`, randomBytes(20_000 + index)]),
    );
    for (const [name, content] of contents) await stores.putMinio(name, content, { title: `Títle ${name}` });
    await stores.putAzure('a/3.mp3', Buffer.from('another content'));
    await stores.putAzure('a/4.mp3', contents.get('a/4.mp3') ?? Buffer.alloc(0));
    await stores.putAzure('b/only-in-azure', Buffer.from('x'));
    const mirrored: string[] = [];
    const first = await run({
      onMirrored: (name) => {
        mirrored.push(name);
        return Promise.resolve();
      },
    });
    expect(first).toMatchObject({
      objects: 12,
      equal: 1,
      missing: 10,
      different: 1,
      copied: 11,
      failed: 0,
      extra: 1,
    });
    expect(mirrored).toHaveLength(11);
    for (const [name, content] of contents) {
      const source = await stores.minio.stat(name, untilDone);
      const target = await stores.azure.stat(name, untilDone);
      expect(target).toMatchObject({ sizeBytes: content.byteLength, md5: source?.md5 });
      if (name === 'a/4.mp3') continue;
      expect(target?.metadata).toMatchObject({
        ...source?.metadata,
        srcetag: source?.etag,
        srcsize: String(content.byteLength),
      });
    }
    expect(await stores.azure.stat('b/only-in-azure', untilDone)).toBeDefined();
    const before = await listAll(stores.azure);
    expect(await run()).toMatchObject({ objects: 12, equal: 12, copied: 0, confirmed: 0, copiedBytes: 0 });
    expect(await listAll(stores.azure)).toEqual(before);
  });

  test('records the version of an object at an equal blob, and keeps its other metadata', async () => {
    const content = randomBytes(5000);
    await stores.putMinio('same', content, { title: 'new' });
    const known = { srcetag: 'of-another-upload', srcsize: '5000', title: 'old', tag: 'kept' };
    await stores.putAzure('same', content, known);
    const result = await copyObject(stores.minio, stores.azure, 'same', { signal: untilDone });
    expect(result.outcome).toBe('equal');
    const source = await stores.minio.stat('same', untilDone);
    expect(await stores.azure.stat('same', untilDone)).toMatchObject({
      etag: result.etag,
      metadata: { srcetag: source?.etag, title: 'new', tag: 'kept' },
    });
  });

  test('detects another version of an object by its ETag when that is not an MD5', async () => {
    const partBytes = 5 * 1024 ** 2;
    const inParts = new MinioStore(stores.minioConfig, LIMITS, { fromBytes: partBytes, partBytes });
    const file = path.join(stores.directory, 'in-parts');
    const upload = async () => {
      await writeFile(file, randomBytes(partBytes));
      const put = { name: 'parts', file, contentType: 'audio/mpeg', metadata: {} };
      return inParts.putFile({ ...put, ...(await checksumFile(file)) }, { signal: untilDone });
    };
    await upload();
    expect(await run()).toMatchObject({ missing: 1, copied: 1 });
    expect(await run()).toMatchObject({ equal: 1, copied: 0, confirmed: 0 });
    const { md5, etag } = await upload();
    expect(etag).toMatch(/-1$/);
    expect(await run()).toMatchObject({ different: 1, copied: 1 });
    expect(await stores.azure.stat('parts', untilDone)).toMatchObject({ md5, metadata: { srcetag: etag } });
    inParts.close();
  });

  test('writes nothing in a dry run', async () => {
    await stores.putMinio('x', Buffer.from('x'));
    const planned: string[] = [];
    const summary = await run({
      dryRun: true,
      onPlanned: (item) => {
        planned.push(item.kind);
        return undefined;
      },
    });
    expect(summary).toMatchObject({ missing: 1, copied: 0 });
    expect(planned).toEqual(['missing']);
    expect(await listAll(stores.azure)).toEqual([]);
  });

  test('copies only objects with its prefix', async () => {
    await stores.putMinio('in/x', Buffer.from('x'));
    await stores.putMinio('out/x', Buffer.from('x'));
    await run({ prefix: 'in/' });
    expect((await listAll(stores.azure)).map(({ name }) => name)).toEqual(['in/x']);
  });

  test('continues after the failure of one object and names it', async () => {
    for (const name of ['1', '2', '3']) await stores.putMinio(name, Buffer.from(name));
    const failed: string[] = [];
    const summary = await run({
      onMirrored: (name) =>
        name === '2' ? Promise.reject(new TransientError('network', 'gone')) : Promise.resolve(),
      onFailed: (name) => {
        failed.push(name);
      },
    });
    expect(summary.failed).toBe(1);
    expect(failed).toEqual(['2']);
    expect(await listAll(stores.azure)).toHaveLength(3);
  });

  test('a name that Azure does not take is a lasting error of that object, with what to do', async () => {
    await stores.putMinio('good', Buffer.from('x'));
    const failed: { name: string; outcome: string; advice: string }[] = [];
    const source = withOverrides(stores.minio, {
      list: async function* () {
        for await (const [good] of stores.minio.list('', untilDone)) {
          if (good !== undefined) yield [{ ...good, name: 'a/./b' }, good];
        }
      },
    });
    const summary = await run({
      source,
      onFailed: (name, { outcome, advice }) => {
        failed.push({ name, outcome, advice });
      },
    });
    expect(summary).toMatchObject({ copied: 1, failed: 1 });
    expect(failed).toEqual([
      { name: 'a/./b', outcome: 'permanent', advice: expect.stringContaining('Rename the object') },
    ]);
  });

  test('ends at once when it is interrupted', async () => {
    for (let index = 0; index < 8; index += 1) await stores.putMinio(String(index), randomBytes(100_000));
    const controller = new AbortController();
    const promise = run({
      signal: controller.signal,
      concurrency: 2,
      onMirrored: () => {
        controller.abort();
        return Promise.resolve();
      },
    });
    await expect(promise).rejects.toMatchObject({ outcome: 'interrupted' });
    expect((await listAll(stores.azure)).length).toBeLessThan(8);
    await run();
    expect(await listAll(stores.azure)).toHaveLength(8);
  });
});

describe('npm run sync', () => {
  const key = { provider: 'youtube', videoId: 'sync_-video' } as const;
  const name = 'audio/youtube/sync_-video.mp3';
  let environment: TestEnvironment;
  beforeAll(async () => {
    environment = await openTestEnvironment({
      MINIO_BUCKET: stores.minio.container,
      AZURE_CONTAINER: stores.azure.container,
    });
  });
  afterAll(() => environment.close());

  async function sync(args: readonly string[], variables: Record<string, string> = {}) {
    const file = fileURLToPath(new URL('../../src/cli/sync.ts', import.meta.url));
    const child = spawn(process.execPath, [file, ...args], {
      env: { ...environment.variables, NODE_OPTIONS: '', ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
    });
    const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
    const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { output, errors, exitCode: await exited };
  }

  test('copies, marks the video as mirrored, and reports', async () => {
    const content = randomBytes(50_000);
    await stores.putMinio(name, content, { title: 'Evil \u001b[31m title' });
    await environment.database.videos.discover([{ key, url: 'https://example.org/x' }]);
    const properties = { size: 1, duration: 1, codec: 'mp3', bitrate: 1, sample_rate: 1, channels: 1 };
    const audio = { ...properties, format: 'mp3', source: 'yt-dlp', bucket: 'b', key: name } as const;
    await environment.database.videos.markDownloaded(key, 0, audio, {});
    await environment.database.videos.markStored(key, 0, audio);

    const dry = await sync(['--dry-run']);
    expect(dry).toMatchObject({ exitCode: 0, output: expect.stringContaining(`copy  ${name}`) });
    expect(await stores.azure.stat(name, untilDone)).toBeUndefined();

    const done = await sync(['--json']);
    expect(done.exitCode).toBe(0);
    const summary = done.output.trim().split('\n').at(-1) ?? '';
    expect(JSON.parse(summary)).toMatchObject({ objects: 1, copied: 1, copiedBytes: 50_000, failed: 0 });
    expect(await environment.database.mirrorReports.latest()).toMatchObject({
      ...{ kind: 'sweep', trigger: 'command', complete: true, objects: 1, found: 1, copied: 1, drift: 0 },
      ...{ bucket: stores.minio.container, container: stores.azure.container },
    });
    expect(await environment.database.videos.find(key)).toMatchObject({
      status: 'mirrored',
      mirror: { name, size: 50_000, container: stores.azure.container },
    });

    const list = await sync(['--list']);
    expect(list.output).toContain(`${name}  50.0 kB`);
    expect(list.output).toContain('1 objects, 50.0 kB');
    expect(list.output).not.toContain('\u001b');
    const json = await sync(['--list', '--json']);
    expect(JSON.parse(json.output)).toMatchObject({
      objects: [{ name }],
      totals: { count: 1, bytes: 50_000 },
    });
    const stats = await sync(['--stats', '--json']);
    expect(JSON.parse(stats.output)).toMatchObject({
      count: 1,
      prefixes: { 'audio/youtube/': { count: 1, bytes: 50_000 } },
      mirror: { objects: 1, mirrored: 1, missing: 0 },
    });
    expect((await sync(['--stats'])).output).toContain('1 are mirrored, 0 are missing');
  });

  test('goes at the given rate, and tells how far it is, a line a second', async () => {
    for (const one of ['r/1', 'r/2', 'r/3']) await stores.putMinio(one, randomBytes(300_000));
    const startedAt = performance.now();
    const result = await sync(['--json', '--bandwidth', '300k']);
    // The first quarter of a second goes at once.
    expect(performance.now() - startedAt).toBeGreaterThan(2500);
    const lines = result.output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { progress?: object });
    expect(lines.length).toBeGreaterThan(2);
    expect(lines[0]?.progress).toMatchObject({ planned: 3, plannedBytes: 900_000, errors: 0 });
    expect(lines.at(-1)).toMatchObject({ copied: 3, copiedBytes: 900_000, failures: [] });
  });

  test('is about another pair of bucket and container', async () => {
    const [bucket, container] = [`${stores.minio.container}-2`, `${stores.azure.container}-2`];
    const other = openMinioStore({ ...stores.minioConfig, bucket }, LIMITS);
    await other.ensureContainer(untilDone);
    const pairs = { MIRROR_PAIRS: `${bucket}=${container}` };
    await stores.putMinio('only-here', Buffer.from('x'));
    expect(await sync(['--pair', bucket, '--json'], pairs)).toMatchObject({
      exitCode: 0,
      output: expect.stringContaining('"objects":0,'),
    });
    expect((await sync(['--stats', '--pair', `${bucket}=${container}`], pairs)).output).toContain(
      `Container ${container}: 0 objects`,
    );
    expect(await sync(['--pair', 'none'], pairs)).toMatchObject({
      exitCode: 2,
      errors: expect.stringContaining('There is no pair "none"'),
    });
    other.close();
  });

  test('lets the workers do it', async () => {
    for (let index = 0; index < 260; index += 1)
      await stores.putMinio(`w/${String(index)}`, Buffer.from('x'));
    const workers = new TestWorkers(environment);
    await startRealWorker('sync', environment, workers, createSilentLogger());
    try {
      const result = await sync(['--workers', '--json']);
      const summary = result.output.trim().split('\n').at(-1) ?? '';
      expect({ ...result, summary: JSON.parse(summary) as unknown }).toMatchObject({
        exitCode: 0,
        summary: { objects: 260, copied: 260, shards: 2, drift: 0, trigger: 'command' },
      });
      expect(await listAll(stores.azure)).toHaveLength(260);
    } finally {
      await workers.stop();
    }
  });

  test('without anything to record, MongoDB is not needed', async () => {
    await stores.putMinio('not-audio', Buffer.from('x'));
    const away = { MONGO_URL: 'mongodb://127.0.0.1:1/none' };
    expect(await sync([], away)).toMatchObject({ exitCode: 0, output: expect.stringContaining('copied 1') });
    expect(await sync([], away)).toMatchObject({
      exitCode: 0,
      output: expect.stringContaining('already equal 1'),
    });
  });

  test('compares, repairs, deletes and restores', async () => {
    for (const one of ['x/1', 'x/2', 'x/3']) await stores.putMinio(one, randomBytes(3000));
    const missing = await sync(['--verify']);
    expect(missing).toMatchObject({ exitCode: 3, output: expect.stringContaining('missing  x/1  3.0 kB') });
    const json = await sync(['--verify', '--repair', '--json']);
    expect(json.exitCode).toBe(0);
    expect(
      json.output
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toMatchObject([
      { kind: 'missing', name: 'x/1', repair: 'repaired' },
      { kind: 'missing', name: 'x/2', repair: 'repaired' },
      { kind: 'missing', name: 'x/3', repair: 'repaired' },
      { summary: { objects: 3, missing: 3, repaired: 3 } },
    ]);
    expect(await environment.database.mirrorReports.latest()).toMatchObject({
      ...{ kind: 'verify', objects: 3, found: 3, drift: 0, problems: [] },
    });
    const content = await sync(['--verify', 'content', '--sample', '100%']);
    expect(content).toMatchObject({ exitCode: 0, output: expect.stringContaining('read on both sides 3') });

    await stores.minio.remove('x/2', untilDone);
    const refused = await sync(['--delete', '--max-delete', '0']);
    expect(refused).toMatchObject({
      exitCode: 3,
      errors: expect.stringContaining('Nothing was deleted: 1 of 3'),
    });
    const dry = await sync(['--delete', '--max-delete', '50%', '--dry-run']);
    expect(dry.output).toContain('would be deleted 1 (3.0 kB)');
    expect((await sync(['--restore'])).output).toContain('restored 1 of 1 lost objects (3.0 kB)');
    expect(await stores.minio.stat('x/2', untilDone)).toBeDefined();
    await stores.minio.remove('x/2', untilDone);
    const deleted = await sync(['--delete', '--max-delete', '50%']);
    expect(deleted).toMatchObject({ exitCode: 0, output: expect.stringContaining('delete  x/2  3.0 kB') });
    expect(await stores.azure.stat('x/2', untilDone)).toBeUndefined();
  });

  test('names what is left, with what to do, and says nothing about retries', async () => {
    // 1,024 bytes fit into the bucket; a trailing dot does not fit into a container.
    await stores.putMinio('fine', Buffer.from('x'));
    const { host, port, region, bucket } = stores.minioConfig;
    const keys = minioKeys(stores.minioConfig);
    const client = new Client({ endPoint: host, port, useSSL: false, region, ...keys });
    await client.putObject(bucket, 'ends with a dot.', Buffer.from('x'));
    const result = await sync([]);
    await client.removeObject(bucket, 'ends with a dot.');
    expect(result).toMatchObject({ exitCode: 1, output: expect.stringContaining('copied 1') });
    expect(result.errors).toContain('1 object is not copied:');
    expect(result.errors).toContain('"ends with a dot."');
    expect(result.errors).toContain('Rename the object in the bucket');
    expect(result.errors).not.toMatch(/retried|automatically/);
  });

  test.each([
    ['without Azure', [], { AZURE_STORAGE_CONNECTION_STRING: '' }, 2, 'No Azure storage is configured'],
    ['with a bad number', ['--concurrency', '0'], {}, 2, 'whole number'],
    ['with a sample of nothing', ['--verify', '--sample', '5%'], {}, 2, '`--sample` needs'],
    ['with a repair of nothing', ['--repair'], {}, 2, '`--repair` needs'],
    ['with a bad limit', ['--delete', '--max-delete', '5x'], {}, 2, 'whole number'],
    ['with a rate of nothing', ['--bandwidth', '5'], {}, 2, 'It is not a rate'],
    ['with workers that compare', ['--workers', '--verify'], {}, 2, 'cannot be used with'],
    ['with two modes', ['--list', '--stats'], {}, 2, 'cannot be used with'],
    ['with a wrong key', ['--dry-run'], { MINIO_SECRET_KEY: 'wrong-secret-key' }, 1, 'Access was refused'],
  ] as const)('%s is reported in one line', async (_what, args, variables, exitCode, message) => {
    const result = await sync(args, variables);
    expect(result).toMatchObject({ exitCode, errors: expect.stringContaining(message) });
    expect(result.errors).not.toMatch(/ {4}at |wrong-secret-key/);
  });
});
