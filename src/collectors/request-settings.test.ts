import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createHttpClient, type ClosableHttpClient } from '../runtime/http-client/create-http-client.ts';
import { addressesIn, withRequestSettings } from './request-settings.ts';

/** Two origins: the first one redirects `/away` to the second. */
let servers: readonly Server[];
let received: IncomingHttpHeaders[][];
let http: ClosableHttpClient;
const addressOf = (index: number) => `http://127.0.0.1:${String(portOf(servers[index]))}`;
const signal = new AbortController().signal;

beforeEach(async () => {
  received = [[], []];
  servers = received.map((requests) =>
    createServer((request, response) => {
      requests.push(request.headers);
      if (request.url === '/away') response.writeHead(302, { location: `${addressOf(1)}/` });
      if (request.url?.startsWith('/slow') === true) return;
      response.end(String(request.headers.authorization));
    }).listen(0, '127.0.0.1'),
  );
  await Promise.all(servers.map((server) => once(server, 'listening')));
  http = createHttpClient({
    userAgent: 'Sonotheque/test',
    timeoutMs: 20_000,
    allowPrivateAddresses: true,
    secrets: ['top-secret'],
  });
});

afterEach(async () => {
  await http.close();
  for (const server of servers) server.close().closeAllConnections();
});

test('headers go to the addresses of the source only, the User-Agent to all', async () => {
  const headers = () => ({ Authorization: 'Bearer top-secret', Accept: 'text/plain' });
  const client = withRequestSettings(http, { userAgent: 'Mine/1', headers }, [addressOf(0)]);
  for (const path of [`${addressOf(0)}/`, `${addressOf(0)}/away`, `${addressOf(1)}/`]) {
    const response = await client.fetch(new URL(path), { headers: { accept: 'a/b' }, maxBytes: 100, signal });
    await response.discard();
  }
  expect(received.map((all) => all.map((each) => each.authorization))).toEqual([
    ['Bearer top-secret', 'Bearer top-secret'],
    [undefined, undefined],
  ]);
  expect(new Set(received.flat().map((each) => each['user-agent']))).toEqual(new Set(['Mine/1']));
  expect(new Set(received.flat().map(({ accept }) => accept))).toEqual(new Set(['a/b']));
});

test('without settings nothing differs', async () => {
  const client = withRequestSettings(http, {}, []);
  await (await client.fetch(new URL(addressOf(0)), { maxBytes: 100, signal })).discard();
  expect(received[0]?.[0]).toMatchObject({ 'user-agent': 'Sonotheque/test', accept: '*/*' });
  expect(client.bytesReceived).toBe(http.bytesReceived);
});

test('a time limit ends a request, and no message shows a secret', async () => {
  const client = withRequestSettings(http, { timeoutMs: 50 }, []);
  const request = client.fetch(new URL(`${addressOf(0)}/slow?key=top-secret`), { maxBytes: 100, signal });
  await expect(request).rejects.toMatchObject({
    errorClass: 'timeout',
    message: expect.not.stringContaining('top-secret'),
  });
});

test('addressesIn finds the addresses in settings, however deep', () => {
  const settings = { feeds: ['https://a.example/x', { url: 'https://b.example' }], name: 'x', count: 1 };
  expect(addressesIn(settings)).toEqual(['https://a.example/x', 'https://b.example']);
});

function portOf(server: Server | undefined): number {
  return (server?.address() as AddressInfo).port;
}
