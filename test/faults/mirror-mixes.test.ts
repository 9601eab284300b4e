import { createHash, randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { TransientError, type JobError } from '../../src/domain/job-errors.ts';
import type { MirrorOptions } from '../../src/mirror/mirror-options.ts';
import { runMirror } from '../../src/mirror/run-mirror.ts';
import type { AzureBlobStore } from '../../src/storage/azure-blob-store.ts';
import type { MinioStore } from '../../src/storage/minio-store.ts';
import { openAzureStore, openMinioStore } from '../../src/storage/open-stores.ts';
import {
  azureEndpoint,
  azureVia,
  listAll,
  openTestStores,
  untilDone,
  type TestStores,
} from '../contract/test-stores.ts';
import { withOverrides } from '../support/with-overrides.ts';
import { startHttpFaultProxy, type FaultMix, type HttpFaultProxy } from '../support/http-fault-proxy.ts';

const OBJECTS = 300;
const LIMITS = { stallMs: 20_000, deadlineMs: 60_000 };
const ISSUE_MIX: FaultMix = { busy: 0.03, reset: 0.03, truncate: 0.02, corrupt: 0.02, drop: 0.03 };
const HARD_MIX: FaultMix = { busy: 0.2, reset: 0.1, truncate: 0.03, corrupt: 0.03, drop: 0.03 };

let stores: TestStores;
let minioProxy: HttpFaultProxy;
let azureProxy: HttpFaultProxy;
let minio: MinioStore;
let azure: AzureBlobStore;
/** MD5 of each object. */
const contents = new Map<string, string>();

beforeAll(async () => {
  stores = await openTestStores();
  minioProxy = await startHttpFaultProxy(stores.minioConfig, 3);
  azureProxy = await startHttpFaultProxy(azureEndpoint(stores.azureConfig), 4);
  minio = openMinioStore({ ...stores.minioConfig, host: minioProxy.host, port: minioProxy.port }, LIMITS);
  azure = openAzureStore(azureVia(stores.azureConfig, azureProxy), LIMITS);
  for (let index = 0; index < OBJECTS; index += 1) {
    const name = `mix/${String(index).padStart(3, '0')} é+%&=😀.mp3`;
    const content = randomBytes(index % 50 === 0 ? 1_500_000 : index * 37);
    await stores.putMinio(name, content, { title: name });
    contents.set(name, createHash('md5').update(content).digest('hex'));
  }
});
afterEach(async () => {
  for (const proxy of [minioProxy, azureProxy]) {
    proxy.setMix({});
    proxy.forgetCounts();
  }
  for (const { name } of await listAll(stores.azure)) await stores.azure.remove(name, untilDone);
});
afterAll(async () => {
  minio.close();
  azure.close();
  await Promise.all([minioProxy.close(), azureProxy.close()]);
  await stores.close();
});

const run = (options: Partial<MirrorOptions> = {}) =>
  runMirror({
    source: minio,
    target: azure,
    prefix: '',
    concurrency: 16,
    passDelayMs: 100,
    signal: untilDone,
    ...options,
  });

/** Reads every blob, not through the proxy, and compares its content with that of the object. */
async function expectWhole(): Promise<void> {
  const blobs = await listAll(stores.azure);
  expect(blobs.map(({ name }) => name).toSorted()).toEqual([...contents.keys()].toSorted());
  for (const { name } of blobs) {
    const { stream, info } = await stores.azure.openRead(name, { signal: untilDone });
    expect(
      createHash('md5')
        .update(await buffer(stream))
        .digest('hex'),
    ).toBe(contents.get(name));
    expect(info.metadata).toMatchObject({ title: name, md5: contents.get(name) });
  }
}

describe('every answer may go wrong', () => {
  test.each([
    ['3 % busy, 3 % reset, 2 % cut, 2 % damaged, 3 % lost', ISSUE_MIX],
    ['20 % busy, 10 % reset, 3 % cut, 3 % damaged, 3 % lost', HARD_MIX],
  ])('%s: the container is whole at the end', async (_what, mix) => {
    minioProxy.setMix(mix);
    azureProxy.setMix(mix);
    const failed: string[] = [];
    const summary = await run({
      onFailed: (name, error) => {
        failed.push(`${name}: ${error.message}`);
      },
    });
    for (const kind of ['busy', 'reset', 'truncate', 'corrupt', 'drop'] as const) {
      expect((azureProxy.injected.get(kind) ?? 0) + (minioProxy.injected.get(kind) ?? 0)).toBeGreaterThan(0);
    }
    minioProxy.setMix({});
    azureProxy.setMix({});
    expect(failed).toEqual([]);
    expect(summary).toMatchObject({ objects: OBJECTS, failed: 0 });
    expect(summary.copied + summary.confirmed + summary.equal).toBe(OBJECTS);
    await expectWhole();
    expect(await run()).toMatchObject({ objects: OBJECTS, equal: OBJECTS, copied: 0, passes: 1 });
  });
});

describe('without faults', () => {
  test('an object costs a read and a write, and nothing to do costs two listings', async () => {
    await run();
    expect(Object.fromEntries(minioProxy.requests)).toEqual({ GET: OBJECTS + 1 });
    expect(Object.fromEntries(azureProxy.requests)).toEqual({ GET: 1, PUT: OBJECTS });
    minioProxy.forgetCounts();
    azureProxy.forgetCounts();
    expect(await run()).toMatchObject({ equal: OBJECTS, copied: 0, confirmed: 0 });
    expect(Object.fromEntries(minioProxy.requests)).toEqual({ GET: 1 });
    expect(Object.fromEntries(azureProxy.requests)).toEqual({ GET: 1 });
  });
});

test('a store that stays away ends the run with its error, after some passes', async () => {
  azureProxy.setMix({ busy: 1 });
  const problems: (JobError | undefined)[] = [];
  await expect(
    run({
      onPassFailed: ({ error }) => {
        problems.push(error);
      },
    }),
  ).rejects.toMatchObject({ errorClass: 'server_error' });
  expect(problems).toHaveLength(3);
}, 240_000);

test('what is left after the last pass is named, and all else is copied', async () => {
  const [unlucky = ''] = contents.keys();
  const target = withOverrides(stores.azure, {
    putBlob: (name, source, put, options) =>
      name === unlucky
        ? Promise.reject(new TransientError('stall', 'no progress'))
        : stores.azure.putBlob(name, source, put, options),
  });
  const failed: string[] = [];
  const summary = await run({
    source: stores.minio,
    target,
    onFailed: (name, { errorClass }) => {
      failed.push(`${errorClass} ${name}`);
    },
  });
  expect(failed).toEqual([`stall ${unlucky}`]);
  expect(summary).toMatchObject({ objects: OBJECTS, copied: OBJECTS - 1, failed: 1, passes: 4 });
  expect(await listAll(stores.azure)).toHaveLength(OBJECTS - 1);
});
