import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { selfSignedCertificate } from '../../local/sample-channel/certificate.ts';
import { openTestStores, type TestStores } from '../contract/test-stores.ts';
import { eventually } from '../support/eventually.ts';
import { listenOnFreePort } from '../support/free-listener.ts';

const AZURITE = createRequire(import.meta.url).resolve('azurite/dist/src/blob/main.js');
const SYNC = fileURLToPath(new URL('../../src/cli/sync.ts', import.meta.url));
const ACCOUNT = 'devstoreaccount1';

let stores: TestStores;
let directory: string;
let azurite: ChildProcess;
let port: number;
let identityServer: Server;
let identityPort: number;
/** The requests of the identity endpoint; what it answers. */
const asked: string[] = [];
let answer: { readonly status: number; readonly seconds: number } = { status: 200, seconds: 3600 };

/** Azurite with OAuth, which it takes over HTTPS only, and the metadata service of a virtual machine. */
beforeAll(async () => {
  stores = await openTestStores();
  directory = await mkdtemp(path.join(tmpdir(), 'sonotheque-identity-'));
  const { key, cert } = selfSignedCertificate();
  await writeFile(path.join(directory, 'key.pem'), key);
  await writeFile(path.join(directory, 'cert.pem'), cert);
  const placeholder = createServer();
  port = await listenOnFreePort(placeholder);
  await new Promise((resolve) => placeholder.close(resolve));
  const listen = ['--blobHost', '127.0.0.1', '--blobPort', String(port), '--inMemoryPersistence', '--silent'];
  const oauth = ['--oauth', 'basic', '--cert', 'cert.pem', '--key', 'key.pem', '--disableTelemetry'];
  azurite = spawn(process.execPath, [AZURITE, ...listen, ...oauth], {
    cwd: directory,
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: 'ignore',
  });
  identityServer = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(answer.status === 200 ? tokenAnswer(answer.seconds) : '{"error":"invalid_request"}');
  });
  identityPort = await listenOnFreePort(identityServer);
  await eventually('Azurite', () => answers(port));
}, 120_000);
afterAll(async () => {
  azurite.kill();
  await once(azurite, 'exit');
  await new Promise((resolve) => identityServer.close(resolve));
  await rm(directory, { recursive: true, force: true });
  await stores.close();
});

async function answers(onPort: number): Promise<boolean> {
  const socket = connect(onPort, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** As the metadata service answers (learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token). */
function tokenAnswer(seconds: number): string {
  const now = Math.floor(Date.now() / 1000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    ...{ aud: 'https://storage.azure.com', iss: 'https://sts.windows.net/tenant/' },
    ...{ iat: now - 10, nbf: now - 10, exp: now + seconds, jti: randomBytes(8).toString('hex') },
  };
  return JSON.stringify({
    access_token: `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.x`,
    ...{ expires_in: String(seconds), expires_on: String(now + seconds) },
    ...{ resource: 'https://storage.azure.com', token_type: 'Bearer' },
  });
}

async function sync(args: readonly string[] = []) {
  const child = spawn(process.execPath, [SYNC, ...args], {
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      MINIO_BUCKET: stores.minio.container,
      MONGO_URL: 'mongodb://127.0.0.1:1/none',
      AZURE_CONTAINER: 'by-identity',
      AZURE_STORAGE_CONNECTION_STRING: '',
      AZURE_ACCOUNT_URL: `https://127.0.0.1:${String(port)}/${ACCOUNT}`,
      AZURE_POD_IDENTITY_AUTHORITY_HOST: `http://127.0.0.1:${String(identityPort)}`,
      AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential',
      NODE_EXTRA_CA_CERTS: path.join(directory, 'cert.pem'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 90_000,
  });
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { output, errors, exitCode: await exited };
}

test('a managed identity is enough to mirror; its token is fetched once for all requests', async () => {
  for (let index = 0; index < 20; index += 1) await stores.putMinio(`i/${String(index)}`, randomBytes(2000));
  const first = await sync();
  expect(first).toMatchObject({ exitCode: 0, output: expect.stringContaining('copied 20') });
  expect(asked.length).toBeGreaterThan(0);
  expect(asked.length).toBeLessThanOrEqual(2);
  expect(asked.at(-1)).toContain(`resource=${encodeURIComponent('https://storage.azure.com')}`);
  expect((await sync(['--stats'])).output).toContain('20 are mirrored, 0 are missing');
}, 120_000);

test('a token that is about to end is renewed', async () => {
  asked.length = 0;
  answer = { status: 200, seconds: 20 };
  await stores.putMinio('i/x', randomBytes(100));
  expect(await sync()).toMatchObject({ exitCode: 0, output: expect.stringContaining('copied 1') });
  answer = { status: 200, seconds: 3600 };
}, 120_000);

test('without an identity the command ends with one line that says so', async () => {
  answer = { status: 400, seconds: 0 };
  const result = await sync();
  expect(result.exitCode).toBe(1);
  expect(result.errors).toContain('There is no access token for Azure');
  expect(result.errors).not.toMatch(/ {4}at /);
}, 120_000);
