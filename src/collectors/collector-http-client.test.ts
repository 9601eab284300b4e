import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { closeServer } from '../runtime/listen.ts';
import { openCollectorHttpClient } from './collector-http-client.ts';

test('a consent page that redirects with a cookie leads to the feed', async () => {
  const server = createServer((request, response) => {
    if (request.headers.cookie === 'consent=1') response.end('the feed');
    else if (request.url === '/consent') {
      response.writeHead(302, { location: '/feed', 'set-cookie': 'consent=1; Path=/; HttpOnly' }).end();
    } else response.writeHead(302, { location: '/consent' }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = openCollectorHttpClient({
    contactUrl: undefined,
    timeoutMs: 10_000,
    allowPrivateAddresses: true,
    sourceSecrets: {},
    access: { openWeatherMap: { key: undefined }, kaggle: { credentials: undefined } },
  });
  try {
    const { port } = server.address() as AddressInfo;
    const response = await client.fetch(new URL(`http://127.0.0.1:${String(port)}/feed`), {
      maxBytes: 1_000,
      signal: new AbortController().signal,
    });
    expect(await response.text()).toBe('the feed');
  } finally {
    await client.close();
    await closeServer(server);
  }
});
