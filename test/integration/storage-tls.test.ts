import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect, type AddressInfo } from 'node:net';
import path from 'node:path';
import { pipeline } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import tls from 'node:tls';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { selfSignedCertificate } from '../../local/sample-channel/certificate.ts';
import { checksumFile } from '../../src/storage/checksums.ts';
import { MinioStore } from '../../src/storage/minio-store.ts';
import { LIMITS, listAll, openTestStores, untilDone, type TestStores } from '../contract/test-stores.ts';

const PART = 5 * 1024 ** 2;
const signal = untilDone;
const certificate = selfSignedCertificate();
const trusted = tls.getCACertificates('default');
let stores: TestStores;
let server: tls.Server;
let store: MinioStore;

/** Terminates TLS in front of the MinIO of the tests. */
beforeAll(async () => {
  stores = await openTestStores();
  const { host, port } = stores.minioConfig;
  server = tls.createServer(certificate, (socket) => {
    const onward = connect(port, host);
    pipeline(socket, onward, socket, () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  const config = { ...stores.minioConfig, host: '127.0.0.1', port: address.port, useTls: true };
  store = new MinioStore(config, LIMITS, { fromBytes: PART, partBytes: PART });
});
afterAll(async () => {
  if ('setDefaultCACertificates' in tls) tls.setDefaultCACertificates(trusted);
  store.close();
  await new Promise((resolve) => server.close(resolve));
  await stores.close();
});

test('an untrusted certificate is an operator error', async () => {
  await expect(store.stat('x', signal)).rejects.toMatchObject({ errorClass: 'local_configuration' });
});

// Node 22.18 cannot add trusted certificates at run time.
const testWithTrust = 'setDefaultCACertificates' in tls ? test : test.skip;

testWithTrust('all that a store does is done over TLS as well', async () => {
  tls.setDefaultCACertificates([...trusted, certificate.cert]);
  await store.ensureContainer(signal);
  for (const sizeBytes of [0, 1000, 300_000, PART + 1]) {
    const name = `tls/${String(sizeBytes)} (é)!.mp3`;
    const content = randomBytes(sizeBytes);
    const file = path.join(stores.directory, 'tls');
    await writeFile(file, content);
    const sums = await checksumFile(file);
    const put = { name, file, contentType: 'audio/mpeg', metadata: { title: 'é' }, ...sums };
    expect(await store.putFile(put, { signal })).toMatchObject({ sizeBytes, md5: sums.md5 });
    const { stream, info } = await store.openRead(name, { signal });
    expect(info.metadata).toMatchObject({ title: 'é' });
    expect((await buffer(stream)).equals(content)).toBe(true);
    const wrong = { ...put, name: 'tls/wrong', md5: '0'.repeat(32) };
    // The checksums of parts are computed from the file.
    if (sizeBytes < PART) {
      await expect(store.putFile(wrong, { signal })).rejects.toMatchObject({
        errorClass: 'storage_mismatch',
      });
    }
  }
  expect(await listAll(store, 'tls/')).toHaveLength(4);
  await store.remove('tls/0 (é)!.mp3', signal);
  expect(await listAll(store, 'tls/')).toHaveLength(3);
});
