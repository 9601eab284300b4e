import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, test } from '@jest/globals';
import { StoreConnection } from './store-connection.ts';

const { signal } = new AbortController();
const request = { method: 'GET', path: '/x?sig=secret', headers: {}, what: 'reading x' } as const;
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serve(listener: RequestListener) {
  const server: Server = createServer(listener);
  let connections = 0;
  server.on('connection', () => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connection = new StoreConnection(
    `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
  );
  closing.push(async () => {
    connection.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { connection, connections: () => connections };
}

describe('an answer', () => {
  test.each([
    ['the code of its body', {}, '<Error><Code>SlowDown</Code></Error>', 'SlowDown'],
    [
      'the code of its headers',
      { 'x-ms-error-code': 'ServerBusy' },
      '<Error><Code>other</Code></Error>',
      'ServerBusy',
    ],
    ['no code', {}, '<html>busy</html>', undefined],
  ])(
    'that is an error has %s and its Retry-After, and the connection is used again',
    async (_what, headers, body, code) => {
      const { connection, connections } = await serve((_request, response) => {
        response.writeHead(503, { 'retry-after': '7', ...headers }).end(body);
      });
      for (let time = 0; time < 3; time += 1) {
        await expect(connection.send(request, signal)).rejects.toMatchObject({
          errorClass: 'server_error',
          retryAfterMs: 7000,
          isThrottling: true,
          message: `reading x: the store answered ${code === undefined ? 'status 503' : `${code} (status 503)`}.`,
        });
      }
      // The next request may be sent before the connection of the last one is free.
      expect(connections()).toBeLessThanOrEqual(2);
    },
  );

  test('that is a redirect is not followed', async () => {
    const { connection } = await serve((_request, response) => {
      response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
    });
    await expect(connection.send(request, signal)).rejects.toMatchObject({ errorClass: 'unknown' });
  });

  test('that is larger than expected is not read to its end', async () => {
    const { connection } = await serve((_request, response) => {
      Readable.from(Array.from({ length: 1000 }, () => Buffer.alloc(100_000))).pipe(response);
    });
    await expect(connection.sendForBody(request, 1000, signal)).rejects.toThrow('larger than 1000 bytes');
  });

  test.each<[string, (socket: Socket) => void]>([
    ['reset', (socket) => socket.resetAndDestroy()],
    ['cut', (socket) => socket.end()],
    ['not HTTP', (socket) => socket.end('nonsense\r\n\r\n')],
  ])('that is %s is a failure of the network', async (_what, answer) => {
    const { connection } = await serve((incoming) => {
      answer(incoming.socket);
    });
    await expect(connection.send(request, signal)).rejects.toMatchObject({ errorClass: 'network' });
  });

  test('whose body is cut is a failure of the network', async () => {
    const { connection } = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '10' });
      response.write('12345', () => response.socket?.destroy());
    });
    await expect(connection.sendForBody(request, 100, signal)).rejects.toMatchObject({
      errorClass: 'network',
    });
  });
});

test('requests for the head of an object share a connection, as all others do', async () => {
  const { connection, connections } = await serve((_request, response) => {
    response.writeHead(200, { 'content-length': '10' }).end();
  });
  for (let time = 0; time < 5; time += 1) {
    const { body } = await connection.send({ ...request, method: 'HEAD' }, signal);
    body.resume();
  }
  // The next request may be sent before the connection of the last one is free.
  expect(connections()).toBeLessThanOrEqual(2);
});

test('an abort ends a request that is not answered', async () => {
  const { connection } = await serve(() => undefined);
  const controller = new AbortController();
  const promise = connection.send(request, controller.signal);
  setTimeout(() => {
    controller.abort();
  }, 20);
  await expect(promise).rejects.toMatchObject({ outcome: 'interrupted' });
  await expect(connection.send(request, controller.signal)).rejects.toMatchObject({ outcome: 'interrupted' });
});
