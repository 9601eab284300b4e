import { randomBytes } from 'node:crypto';
import dns from 'node:dns';
import { createServer, type Server } from 'node:http';
import path from 'node:path';
import process from 'node:process';
import { writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { MinioConfig } from '../../src/config/config.ts';
import { checksumFile } from '../../src/storage/checksums.ts';
import type { MinioStore } from '../../src/storage/minio-store.ts';
import { openMinioStore } from '../../src/storage/open-stores.ts';
import { s3KeysOf } from '../../src/storage/s3-keys.ts';
import { LIMITS, openTestStores, untilDone, type TestStores } from '../contract/test-stores.ts';
import { startBareMinio, type BareServer } from '../support/bare-servers.ts';
import { listenOnFreePort } from '../support/free-listener.ts';
import { minioKeys } from '../support/minio-keys.ts';

let stores: TestStores;
const opened: MinioStore[] = [];

beforeAll(async () => {
  stores = await openTestStores();
});
afterAll(() => stores.close());
afterEach(() => {
  for (const store of opened.splice(0)) store.close();
});

function open(change: Partial<MinioConfig>): MinioStore {
  const store = openMinioStore({ ...stores.minioConfig, ...change }, LIMITS);
  opened.push(store);
  return store;
}

/** Each kind of request once: those that minio-js signs, and those that are signed here. */
async function useAll(store: MinioStore): Promise<void> {
  const content = randomBytes(70_000);
  const file = path.join(stores.directory, 'audio.mp3');
  await writeFile(file, content);
  const sums = await checksumFile(file);
  await store.ensureContainer(untilDone);
  const put = { file, name: 'audio/ü+#.mp3', contentType: 'audio/mpeg', metadata: {}, ...sums };
  await store.putFile(put, { signal: untilDone });
  const { content: read } = await store.openContent(put.name, { signal: untilDone });
  expect(Buffer.compare(read as Buffer, content)).toBe(0);
  const names: string[] = [];
  for await (const page of store.list('', untilDone)) names.push(...page.map(({ name }) => name));
  expect(names).toEqual([put.name]);
  await store.remove(put.name, untilDone);
  expect(await store.stat(put.name, untilDone)).toBeUndefined();
}

describe('temporary keys', () => {
  test('that MinIO gives for the keys of the configuration are used for all requests', async () => {
    const keys = { kind: 'assume-role', ...minioKeys(stores.minioConfig) } as const;
    const { accessKey, sessionToken = '' } = await s3KeysOf({ ...stores.minioConfig, keys }).get();
    expect(accessKey).not.toBe(keys.accessKey);
    expect(sessionToken.length).toBeGreaterThan(100);
    await useAll(open({ keys }));
  });

  test('that were fetched elsewhere are used as they are, and nothing without their token', async () => {
    const own = { kind: 'assume-role', ...minioKeys(stores.minioConfig) } as const;
    const fetched = await s3KeysOf({ ...stores.minioConfig, keys: own }).get();
    await useAll(open({ keys: { kind: 'given', ...fetched } }));
    const { accessKey, secretKey } = fetched;
    const without = open({ keys: { kind: 'given', accessKey, secretKey } });
    await expect(without.stat('x', untilDone)).rejects.toMatchObject({ errorClass: 'credentials' });
  });

  test('that cannot be had are one operator error that says why and quotes no secret', async () => {
    const secretKey = 'a-wrong-secret';
    const keys = { kind: 'assume-role', ...minioKeys(stores.minioConfig), secretKey } as const;
    const error: unknown = await open({ keys })
      .stat('x', untilDone)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ outcome: 'operator', errorClass: 'credentials' });
    expect(String(error)).toMatch(/There are no keys for MinIO: .*signature/i);
    expect(String(error)).not.toContain(secretKey);
  });

  test('whose service is away are tried again like a request to a store that is away', async () => {
    const away = createServer((_request, response) => {
      response.writeHead(503).end();
    });
    const stsUrl = `http://127.0.0.1:${String(await listenOnFreePort(away))}`;
    const keys = { kind: 'assume-role', ...minioKeys(stores.minioConfig), stsUrl } as const;
    await expect(s3KeysOf({ ...stores.minioConfig, keys }).get()).rejects.toMatchObject({
      outcome: 'transient',
      errorClass: 'server_error',
    });
    away.close();
  });
});

describe('the credentials of the machine, as AWS gives them to containers', () => {
  const variable = 'AWS_CONTAINER_CREDENTIALS_FULL_URI';
  let server: Server;
  let requests = 0;
  let status = 200;
  let isOutdated = false;

  beforeAll(async () => {
    const own = { kind: 'assume-role', ...minioKeys(stores.minioConfig) } as const;
    server = createServer((_request, response) => {
      requests += 1;
      void s3KeysOf({ ...stores.minioConfig, keys: own })
        .get()
        .then(({ accessKey, secretKey, sessionToken }) => {
          const secret = isOutdated ? 'taken-back' : secretKey;
          const identity = { AccessKeyId: accessKey, SecretAccessKey: secret, Token: sessionToken };
          const body = { ...identity, Expiration: new Date(Date.now() + 3_600_000).toISOString() };
          response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
        });
    });
    process.env[variable] = `http://127.0.0.1:${String(await listenOnFreePort(server))}/keys`;
    // Nothing else of this machine is asked.
    process.env['AWS_EC2_METADATA_DISABLED'] = 'true';
  });
  afterAll(() => {
    Reflect.deleteProperty(process.env, variable);
    delete process.env['AWS_EC2_METADATA_DISABLED'];
    server.close();
  });

  test('are fetched once and used for all requests', async () => {
    await useAll(open({ keys: { kind: 'aws' } }));
    expect(requests).toBe(1);
  });

  test('are asked for again after the server refused them', async () => {
    const before = requests;
    const store = open({ keys: { kind: 'aws' } });
    isOutdated = true;
    await expect(store.stat('x', untilDone)).rejects.toMatchObject({ errorClass: 'credentials' });
    isOutdated = false;
    await useAll(store);
    expect(requests).toBe(before + 2);
  });

  test('that its service refuses are an operator error', async () => {
    status = 403;
    await expect(open({ keys: { kind: 'aws' } }).stat('x', untilDone)).rejects.toMatchObject({
      outcome: 'operator',
      message: expect.stringContaining('There are no keys for MinIO'),
    });
    status = 200;
  }, 60_000);
});

describe('a server that wants the bucket in the host', () => {
  const login = { accessKey: 'the-access-key', secretKey: 'the-secret-key' };
  let server: BareServer;

  beforeAll(async () => {
    server = await startBareMinio(stores.directory, login, { MINIO_DOMAIN: 'minio.test' });
    // The names of a domain that no DNS server knows.
    const lookup = dns.lookup;
    jest.spyOn(dns, 'lookup').mockImplementation(((host: string, ...rest: [object, () => void]) => {
      lookup(host.endsWith('minio.test') ? '127.0.0.1' : host, ...rest);
    }) as never);
  });
  afterAll(async () => {
    jest.restoreAllMocks();
    await server.stop();
  });

  test('gets it there with every kind of request', async () => {
    const place = {
      host: 'minio.test',
      port: server.port,
      bucket: 'in-the-host',
      addressing: 'host',
    } as const;
    await useAll(open({ ...place, keys: { kind: 'given', ...login } }));
  });
});
