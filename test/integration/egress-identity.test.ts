import type { EgressAddress } from '../../src/domain/egress-address.ts';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createYtDlpLister } from '../../src/media/playlist-yt-dlp-lister.ts';
import { createYtDlpDownloader } from '../../src/media/yt-dlp-downloader.ts';
import { mediaConfig, mediaContext, temporaryDirectory } from '../support/media-environment.ts';
import { writeStubProgram } from '../support/stub-programs/stub-program.ts';

const KEY = { provider: 'youtube', videoId: 'egress00001' } as const;
const LIST = {
  ...({ kind: 'playlist', id: 'playlist.PLegress000000000' } as const),
  url: 'https://www.youtube.com/playlist?list=PLegress000000000',
};
const COOKIES = '# Netscape HTTP Cookie File\n.example.org\tTRUE\t/\tFALSE\t0\tname\tvalue\n';

let directory: string;
let address: EgressAddress;
let cookiesFile: string;

beforeEach(async () => {
  directory = await temporaryDirectory();
  cookiesFile = path.join(directory, 'office.txt');
  await writeFile(cookiesFile, COOKIES);
  address = { name: 'office', budgetPerHour: 0, spacingMs: 0, cookiesFile };
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function fetchWith(config: Parameters<typeof mediaConfig>[0], chosen: EgressAddress) {
  const provider = createYtDlpDownloader(mediaConfig(config));
  return await provider
    .fetch(KEY, directory, { ...mediaContext(), address: chosen })
    .catch((error: unknown) => error);
}

async function listWith(config: Parameters<typeof mediaConfig>[0], chosen: EgressAddress) {
  const lister = createYtDlpLister({ ...mediaConfig(config), address: chosen });
  return await Array.fromAsync(lister.list(LIST, { signal: new AbortController().signal })).catch(
    (error: unknown) => error,
  );
}

describe('the arguments and environment of yt-dlp', () => {
  test.each([
    ['a download', fetchWith],
    ['a listing', listWith],
  ])('%s has the proxy only in its environment, and its own copy of the cookies', async (_what, run) => {
    const seen = path.join(directory, 'seen.json');
    const ytDlpPath = await writeStubProgram(
      directory,
      'yt-dlp',
      `const { readFileSync, writeFileSync } = require('node:fs');
       const copy = configuration[configuration.indexOf('--cookies') + 1];
       const cookies = readFileSync(copy, 'utf8');
       writeFileSync(copy, 'spoiled');
       const args = [...process.argv, ...configuration];
       writeFileSync(${JSON.stringify(seen)}, JSON.stringify({ visible: process.argv.slice(2), args, env: process.env, cookies }));
       process.exit(1);`,
    );
    const proxy = 'socks5://user:secret-word@10.0.0.2:1080';
    process.env['HTTPS_PROXY'] = 'http://127.0.0.1:9';
    try {
      await run({ ytDlpPath, ytDlpExtraArgs: ['--password', 'secret-account'] }, { ...address, proxy });
    } finally {
      delete process.env['HTTPS_PROXY'];
    }
    const { visible, args, env, cookies } = JSON.parse(await readFile(seen, 'utf8')) as {
      visible: string[];
      args: string[];
      env: Record<string, string>;
      cookies: string;
    };
    // What `ps` shows to every user of the machine.
    expect(visible).toEqual(['--ignore-config', '--config-locations', '-']);
    expect(args).toContain('secret-account');
    expect(args.join(' ')).not.toContain('secret-word');
    expect(args).not.toContain(cookiesFile);
    expect(cookies).toBe(COOKIES);
    expect(await readFile(cookiesFile, 'utf8')).toBe(COOKIES);
    expect(env['ALL_PROXY']).toBe(proxy);
    expect(env).not.toHaveProperty('HTTPS_PROXY');
  });

  test('a missing cookie file is an operator error', async () => {
    const missing = { ...address, cookiesFile: path.join(directory, 'none.txt') };
    expect(await fetchWith({ ytDlpExtraArgs: [] }, missing)).toMatchObject({ outcome: 'operator' });
  });
});

describe('the real yt-dlp', () => {
  let proxy: Server;
  let asked: { readonly url: string; readonly authorization: string }[];
  beforeEach(async () => {
    asked = [];
    proxy = createServer();
    proxy.on('connect', (request, socket) => {
      asked.push({
        url: request.url ?? '',
        authorization: request.headers['proxy-authorization'] ?? '',
      });
      socket.on('error', () => undefined);
      socket.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n');
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    await new Promise((resolve) => proxy.close(resolve));
  });

  test.each([
    ['downloads', fetchWith],
    ['lists', listWith],
  ])('%s through the proxy of the egress address; its password is in no error', async (_what, run) => {
    const { port } = proxy.address() as AddressInfo;
    const through = { ...address, proxy: `http://user:secret-word@127.0.0.1:${String(port)}` };
    const error = await run({ ytDlpExtraArgs: ['--extractor-retries', '0', '--retries', '0'] }, through);
    expect(asked.length).toBeGreaterThan(0);
    for (const { url, authorization } of asked) {
      expect(url).toMatch(/^www\.youtube\.com:443$/);
      expect(authorization).toBe(`Basic ${Buffer.from('user:secret-word').toString('base64')}`);
    }
    expect(error).toMatchObject({ outcome: 'transient' });
    expect((error as Error).message).not.toContain('secret-word');
  });
});
