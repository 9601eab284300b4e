import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';

const DIRECTORY = fileURLToPath(new URL('../../deploy/reverse-proxy/', import.meta.url));
const NAME = 'archive.example.org';
const has = (program: string) => spawnSync(program, ['version'], { timeout: 10_000 }).error === undefined;
const missing = ['nginx', 'caddy', 'openssl'].filter((program) => !has(program));
if (missing.length > 0)
  process.stderr.write(`SKIPPED where they are needed, because they are not here: ${missing.join(', ')}\n`);
const testWith = (...programs: string[]) =>
  programs.some((program) => missing.includes(program)) ? test.skip : test;

/** Stands in for the dashboard: notes what it is sent. */
const dashboard = createServer((incoming, response) => {
  seen.push(incoming.headers);
  response.end('here');
});
const seen: IncomingHttpHeaders[] = [];
let directory = '';
let proxy: ChildProcess | undefined;
beforeAll(async () => {
  dashboard.listen(0, '127.0.0.1');
  await once(dashboard, 'listening');
});
afterAll(() => {
  dashboard.close();
});
beforeEach(() => {
  seen.length = 0;
  directory = mkdtempSync(path.join(tmpdir(), 'sonotheque-proxy-'));
});
afterEach(async () => {
  if (proxy?.exitCode === null) {
    proxy.kill('SIGTERM');
    await once(proxy, 'exit');
  }
  rmSync(directory, { recursive: true, force: true });
});

const portOfDashboard = () => String((dashboard.address() as AddressInfo).port);

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** A visitor who lies about where he comes from. */
async function visit(port: number): Promise<{ status: number; hsts: string | undefined }> {
  const headers = { host: NAME, 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'http' };
  const options = {
    host: '127.0.0.1',
    port,
    path: '/',
    servername: NAME,
    rejectUnauthorized: false,
    headers,
  };
  return await new Promise((resolve, reject) => {
    const outgoing = request(options, (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, hsts: response.headers['strict-transport-security'] });
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

async function expectPassedOn(port: number): Promise<void> {
  const answer = await eventually(
    'an answer through the proxy',
    () => visit(port).catch(() => undefined),
    (found) => found?.status === 200,
    15_000,
  );
  expect(answer?.hsts).toContain('max-age=');
  expect(seen.at(-1)).toMatchObject({
    host: NAME,
    'x-forwarded-proto': 'https',
    'x-forwarded-for': '127.0.0.1',
  });
}

describe('deploy/reverse-proxy', () => {
  testWith('nginx', 'openssl')(
    'nginx passes on the host, the visitor and https, and believes no visitor',
    async () => {
      const port = await freePort();
      const site = readFileSync(path.join(DIRECTORY, 'nginx.conf'), 'utf8')
        .replaceAll('127.0.0.1:3000', `127.0.0.1:${portOfDashboard()}`)
        .replaceAll('listen 443 ssl', `listen 127.0.0.1:${String(port)} ssl`)
        .replaceAll('listen 80', `listen 127.0.0.1:${String(await freePort())}`)
        .replaceAll(`/etc/letsencrypt/live/${NAME}`, directory);
      spawnSync('openssl', [
        ...[
          'req',
          '-x509',
          '-newkey',
          'ec',
          '-pkeyopt',
          'ec_paramgen_curve:prime256v1',
          '-nodes',
          '-days',
          '1',
        ],
        ...[
          '-subj',
          `/CN=${NAME}`,
          '-keyout',
          path.join(directory, 'privkey.pem'),
          '-out',
          path.join(directory, 'fullchain.pem'),
        ],
      ]);
      const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
        (name) => `${name}_temp_path ${directory}/${name};`,
      );
      writeFileSync(
        path.join(directory, 'nginx.conf'),
        `daemon off; pid ${directory}/pid; error_log stderr; events {} http { access_log off; ${paths.join(' ')} ${site} }`,
      );
      proxy = spawn('nginx', ['-p', directory, '-c', path.join(directory, 'nginx.conf')], {
        stdio: 'ignore',
      });
      await expectPassedOn(port);
    },
  );

  testWith('caddy')('Caddy passes on the host, the visitor and https, and believes no visitor', async () => {
    const port = await freePort();
    const site = readFileSync(path.join(DIRECTORY, 'Caddyfile'), 'utf8')
      .replaceAll('127.0.0.1:3000', `127.0.0.1:${portOfDashboard()}`)
      .replace(`${NAME} {`, `https://${NAME}:${String(port)} {\n\tbind 127.0.0.1`);
    const global = `{\n\tadmin off\n\tlocal_certs\n\tskip_install_trust\n\tauto_https disable_redirects\n}\n`;
    writeFileSync(path.join(directory, 'Caddyfile'), global + site);
    mkdirSync(path.join(directory, 'data'));
    proxy = spawn('caddy', ['run', '--adapter', 'caddyfile', '--config', path.join(directory, 'Caddyfile')], {
      env: { ...process.env, XDG_DATA_HOME: path.join(directory, 'data'), XDG_CONFIG_HOME: directory },
      stdio: 'ignore',
    });
    await expectPassedOn(port);
  });
});
