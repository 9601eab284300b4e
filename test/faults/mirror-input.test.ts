import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { BlobServiceClient, ContainerSASPermissions } from '@azure/storage-blob';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Client } from 'minio';
import type { AzureConfig } from '../../src/config/config.ts';
import { TransientError } from '../../src/domain/job-errors.ts';
import { AdaptiveLimit } from '../../src/mirror/adaptive-limit.ts';
import type { MirrorOptions } from '../../src/mirror/mirror-options.ts';
import { runMirror } from '../../src/mirror/run-mirror.ts';
import { openAzureStore, openMinioStore } from '../../src/storage/open-stores.ts';
import {
  azureEndpoint,
  azureVia,
  LIMITS,
  listAll,
  openTestStores,
  untilDone,
  type TestStores,
} from '../contract/test-stores.ts';
import { eventually } from '../support/eventually.ts';
import { startHttpFaultProxy } from '../support/http-fault-proxy.ts';
import { withOverrides } from '../support/with-overrides.ts';
import { minioKeys } from '../support/minio-keys.ts';

let stores: TestStores;
let client: Client;
beforeAll(async () => {
  stores = await openTestStores();
  const { host, port, region } = stores.minioConfig;
  client = new Client({ endPoint: host, port, useSSL: false, region, ...minioKeys(stores.minioConfig) });
});
afterEach(async () => {
  for (const { name } of await listAll(stores.minio)) await client.removeObject(stores.minio.container, name);
  for (const { name } of await listAll(stores.azure)) await stores.azure.remove(name, untilDone);
});
afterAll(() => stores.close());

/** Proxies and stores of one test; closed also when it fails, as an open one keeps Jest from ending. */
const opened: { close(): unknown }[] = [];
function closing<T extends { close(): unknown }>(resource: T): T {
  opened.push(resource);
  return resource;
}
afterEach(async () => {
  for (const resource of opened.splice(0).toReversed()) await resource.close();
});

const run = (options: Partial<MirrorOptions> = {}) =>
  runMirror({
    ...{ source: stores.minio, target: stores.azure, prefix: '', concurrency: 8 },
    ...{ passDelayMs: 20, signal: untilDone, ...options },
  });
/** Another program writes an object; names are not checked. */
const put = (name: string, content: Buffer) => client.putObject(stores.minio.container, name, content);
/** Names, sizes and MD5s of both sides. */
async function bothSides() {
  const of = async (store: TestStores['minio'] | TestStores['azure']) =>
    (await listAll(store))
      .map(({ name, sizeBytes, md5, etag }) => `${name} ${String(sizeBytes)} ${md5 ?? etag}`)
      .toSorted();
  return [await of(stores.minio), await of(stores.azure)];
}

const md5Of = (content: Buffer = Buffer.alloc(0)) => createHash('md5').update(content).digest('hex');

const COMPOSED = 'n/caf\u00e9';
const DECOMPOSED = 'n/cafe\u0301';
const GOOD_NAMES = [
  ...[
    'n/with space',
    'n/ leading',
    'n/50%',
    'n/%41',
    'n/a+b',
    'n/a%2Fb',
    'n/#hash',
    'n/?query=1&b',
    'n/a;b=c',
    "n/it's",
  ],
  ...[
    COMPOSED,
    DECOMPOSED,
    'n/日本語',
    'n/～',
    'n/😀',
    'n/👩‍👩‍👧',
    'n/\uf900',
    'n/$&()[]{}!@^~`|<>"',
    'n/.hidden',
    'n/...dots',
  ],
  ...[
    'constructor',
    '__proto__',
    'toString',
    'n/007',
    'n/false',
    `n/${'x'.repeat(253)}/${'é'.repeat(100)}`,
    `${'long/'.repeat(204)}1234`,
  ],
];

describe('names', () => {
  test('of every kind are mirrored under exactly their name, and are equal afterwards', async () => {
    for (const name of GOOD_NAMES) await put(name, Buffer.from(name));
    expect(await run()).toMatchObject({ objects: GOOD_NAMES.length, copied: GOOD_NAMES.length, failed: 0 });
    const [source, target] = await bothSides();
    expect(target).toEqual(source);
    expect((await listAll(stores.azure)).map(({ name }) => name).toSorted()).toEqual(GOOD_NAMES.toSorted());
    expect(await run()).toMatchObject({ equal: GOOD_NAMES.length, copied: 0, confirmed: 0, passes: 1 });
  });

  test.each(['n/trailing dot.', 'n/trailing slash/', 'n/dot./inside', `n/${'s/'.repeat(260)}x`])(
    '%j, which Azure does not keep as it is, is named with its reason, and the rest goes on',
    async (name) => {
      await put('n/good', Buffer.from('x'));
      await put(name, name.endsWith('/') ? Buffer.alloc(0) : Buffer.from('x'));
      const failed: string[] = [];
      const summary = await run({
        onFailed: (failedName, { errorClass }) => {
          failed.push(`${failedName} ${errorClass}`);
        },
      });
      expect(failed).toEqual([`${name} object_name`]);
      expect(summary).toMatchObject({ copied: 1, failed: 1, passes: 1 });
    },
  );
});

test.each([
  ['an empty object', 0],
  ['one byte', 1],
  ['one that is just small enough for memory', 1024 ** 2],
  ['one that is streamed', 1024 ** 2 + 1],
  ['100 MB', 100_000_000],
])('%s is mirrored', async (_what, sizeBytes) => {
  await put('size/x', randomBytes(sizeBytes));
  expect(await run()).toMatchObject({ copied: 1, copiedBytes: sizeBytes, failed: 0 });
  expect(await run()).toMatchObject({ equal: 1, copied: 0, confirmed: 0 });
  expect(await stores.azure.stat('size/x', untilDone)).toMatchObject({ sizeBytes });
});

describe('credentials and containers', () => {
  /** The container with a token that has some rights, until some time. */
  async function bySas(rights: string, hours: number): Promise<AzureConfig> {
    if (stores.azureConfig.kind !== 'connection-string')
      throw new Error('The tests need a connection string.');
    const service = BlobServiceClient.fromConnectionString(stores.azureConfig.connectionString);
    const { container } = stores.azure;
    const url = await service.getContainerClient(container).generateSasUrl({
      permissions: ContainerSASPermissions.parse(rights),
      startsOn: new Date(Date.now() - 48 * 3_600_000),
      expiresOn: new Date(Date.now() + hours * 3_600_000),
    });
    return { kind: 'sas', container, accountUrl: service.url, sasToken: new URL(url).search };
  }
  const wrongAccount = (): AzureConfig => {
    const { host, port } = azureEndpoint(stores.azureConfig);
    const endpoint = `http://${host}:${String(port)}/nobody`;
    const connectionString = `AccountName=nobody;AccountKey=a2V5;BlobEndpoint=${endpoint};`;
    return { kind: 'connection-string', container: stores.azure.container, connectionString };
  };

  test.each([
    ['a token that may only read', () => bySas('rl', 1), 'credentials'],
    ['a token that has ended', () => bySas('rcwl', -1), 'credentials'],
    ['another account', wrongAccount, undefined],
  ] as const)('%s ends the run at once, and nothing is copied', async (_what, config, errorClass) => {
    for (let index = 0; index < 30; index += 1) await put(`c/${String(index)}`, Buffer.from('x'));
    const target = closing(openAzureStore(await config(), LIMITS));
    const passes: unknown[] = [];
    const failure = run({
      target,
      onPassFailed: (problem) => {
        passes.push(problem);
      },
    });
    if (errorClass === undefined) await expect(failure).rejects.toThrow();
    else {
      await expect(failure).rejects.toMatchObject({ errorClass });
      expect(passes).toEqual([]);
    }
    expect(await listAll(stores.azure)).toEqual([]);
  });
});

test('a listing that fails on one page is followed by a pass that is whole', async () => {
  for (let index = 0; index < 20; index += 1) await put(`l/${String(index)}`, Buffer.from('x'));
  let listings = 0;
  const source = withOverrides(stores.minio, {
    list: async function* (...args) {
      listings += 1;
      for await (const page of stores.minio.list(...args)) {
        yield listings === 1 ? page.slice(0, 7) : page;
        if (listings === 1) throw new TransientError('timeout', 'page 2');
      }
    },
  });
  expect(await run({ source })).toMatchObject({ objects: 20, failed: 0, passes: 2 });
  expect(await listAll(stores.azure)).toHaveLength(20);
});

test('two runs at once copy everything, and neither fails', async () => {
  for (let index = 0; index < 60; index += 1) await put(`two/${String(index)}`, randomBytes(3000));
  const [one, other] = await Promise.all([run(), run()]);
  expect(one).toMatchObject({ objects: 60, failed: 0 });
  expect(other).toMatchObject({ objects: 60, failed: 0 });
  const [source, target] = await bothSides();
  expect(target).toEqual(source);
});

test('objects that are replaced and deleted while they are copied end equal, or gone', async () => {
  for (let index = 0; index < 40; index += 1) await put(`m/${String(index)}`, randomBytes(2000));
  const source = withOverrides(stores.minio, {
    openContent: async (name, options) => {
      const number = Number(name.split('/')[1]);
      if (number % 4 === 0) await put(name, randomBytes(1500));
      if (number % 4 === 1) await client.removeObject(stores.minio.container, name);
      return await stores.minio.openContent(name, options);
    },
  });
  expect(await run({ source })).toMatchObject({ failed: 0, gone: 10 });
  expect(await run()).toMatchObject({ objects: 30, failed: 0, different: 0, missing: 0 });
  const [objects, blobs] = await bothSides();
  expect(blobs).toEqual(expect.arrayContaining(objects ?? []));
});

test('a server that stops answering in the middle costs its time limit, and nothing is lost', async () => {
  const proxy = closing(await startHttpFaultProxy(azureEndpoint(stores.azureConfig), 5));
  const limits = { stallMs: 3000, deadlineMs: 30_000 };
  const target = closing(openAzureStore(azureVia(stores.azureConfig, proxy), limits));
  for (let index = 0; index < 40; index += 1) await put(`st/${String(index)}`, randomBytes(5000));
  proxy.setMix({ stall: 0.05 });
  expect(await run({ target })).toMatchObject({ objects: 40, failed: 0 });
  expect(proxy.injected.get('stall') ?? 0).toBeGreaterThan(0);
  expect(await listAll(stores.azure)).toHaveLength(40);
}, 120_000);

test('a service that refuses half of all requests gets fewer at once, and about twice as many in all', async () => {
  const proxy = closing(await startHttpFaultProxy(azureEndpoint(stores.azureConfig), 8));
  const target = closing(openAzureStore(azureVia(stores.azureConfig, proxy), LIMITS));
  for (let index = 0; index < 40; index += 1) await put(`b/${String(index)}`, Buffer.from('x'));
  const limit = new AdaptiveLimit(16);
  let least = limit.current;
  proxy.setMix({ busy: 0.5 });
  const summary = await run({
    ...{ target, limit, concurrency: 16 },
    onBytes: () => {
      least = Math.min(least, limit.current);
    },
  });
  expect(summary).toMatchObject({ objects: 40, failed: 0 });
  expect(least).toBeLessThanOrEqual(4);
  expect(proxy.requests.get('PUT')).toBeLessThan(40 * 3);
}, 180_000);

test('any two stores are equal after a run with any faults and a run without', async () => {
  const minioProxy = closing(await startHttpFaultProxy(stores.minioConfig, 11));
  const azureProxy = closing(await startHttpFaultProxy(azureEndpoint(stores.azureConfig), 12));
  const source = closing(
    openMinioStore({ ...stores.minioConfig, host: minioProxy.host, port: minioProxy.port }, LIMITS),
  );
  const target = closing(openAzureStore(azureVia(stores.azureConfig, azureProxy), LIMITS));
  const share = (max: number) => fc.double({ min: 0, max, noNaN: true });
  const mix = fc.record({
    ...{
      busy: share(0.2),
      reset: share(0.1),
      truncate: share(0.03),
      corrupt: share(0.03),
      drop: share(0.03),
    },
  });
  /** What each store has of a name: nothing, or one of two contents. */
  const pairs = fc.array(fc.tuple(fc.constantFrom(0, 1, 2), fc.constantFrom(0, 1, 2)), {
    minLength: 5,
    maxLength: 25,
  });
  const contents = [Buffer.alloc(0), randomBytes(700), randomBytes(700)];
  await fc.assert(
    fc.asyncProperty(pairs, mix, async (states, faults) => {
      for (const [index, [object = 0, blob = 0]] of states.entries()) {
        const name = `p/${GOOD_NAMES[index] ?? ''}`;
        if (object > 0) await put(name, contents[object] ?? Buffer.alloc(0));
        if (blob > 0)
          await stores.azure.putBlob(
            name,
            () => Promise.resolve(contents[blob] ?? Buffer.alloc(0)),
            { sizeBytes: 700, md5: md5Of(contents[blob]), contentType: 'audio/mpeg', metadata: {} },
            { signal: untilDone },
          );
      }
      minioProxy.setMix(faults);
      azureProxy.setMix(faults);
      // It ends whole, or says what is left.
      await run({ source, target }).catch(() => undefined);
      minioProxy.setMix({});
      azureProxy.setMix({});
      const clean = await run();
      expect(clean.failed).toBe(0);
      const [objects = [], blobs = []] = await bothSides();
      const extra = states.filter(([object, blob]) => object === 0 && blob > 0).length;
      expect(blobs.filter((blob) => !objects.includes(blob))).toHaveLength(extra);
      expect(blobs).toHaveLength(objects.length + extra);
      for (const { name } of await listAll(stores.minio))
        await client.removeObject(stores.minio.container, name);
      for (const { name } of await listAll(stores.azure)) await stores.azure.remove(name, untilDone);
    }),
    { numRuns: 5, seed: 13 },
  );
}, 240_000);

test('a run that is killed leaves whole blobs only, and the next one copies what is left', async () => {
  for (let index = 0; index < 200; index += 1) await put(`k/${String(index)}`, randomBytes(50_000));
  const proxy = closing(await startHttpFaultProxy(azureEndpoint(stores.azureConfig), 6));
  // So that the kill comes in the middle on a fast machine too.
  proxy.setDelay(20);
  const azure = azureVia(stores.azureConfig, proxy);
  const file = path.join(import.meta.dirname, '../../src/cli/sync.ts');
  const child = spawn(process.execPath, [file, '--concurrency', '4'], {
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      MINIO_BUCKET: stores.minio.container,
      AZURE_CONTAINER: stores.azure.container,
      AZURE_STORAGE_CONNECTION_STRING: azure.kind === 'connection-string' ? azure.connectionString : '',
    },
    stdio: 'ignore',
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  await eventually(
    'some blobs',
    async () => (await listAll(stores.azure)).length,
    (count) => count > 20,
  );
  child.kill('SIGKILL');
  await exited;
  await delay(200);
  const before = (await listAll(stores.azure)).length;
  expect(before).toBeLessThan(200);
  const summary = await run();
  expect(summary).toMatchObject({ objects: 200, failed: 0, copied: 200 - before, equal: before });
  const [source, target] = await bothSides();
  expect(target).toEqual(source);
}, 120_000);
