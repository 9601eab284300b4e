import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import express from 'express';
import { afterEach, expect, test } from '@jest/globals';
import { closeServer } from '../../runtime/listen.ts';
import { LiveEvents, type LiveEventsOptions } from './live-events.ts';

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map(closeServer));
});

async function serve(options: Partial<LiveEventsOptions> & Pick<LiveEventsOptions, 'read'>) {
  const events = new LiveEvents({ pollMs: 5, ...options });
  const app = express();
  app.get('/events', (request, response) => {
    events.serve(request, response);
  });
  const server = createServer(app).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/events`;
  const open = async () => {
    const controller = new AbortController();
    const response = await fetch(url, { signal: controller.signal });
    let text = '';
    const ended = (async () => {
      for await (const chunk of response.body ?? []) text += Buffer.from(chunk as Uint8Array).toString();
    })().catch(() => undefined);
    return {
      response,
      ended,
      changes: () => text.split('event: changed').length - 1,
      text: () => text,
      close: () => {
        controller.abort();
      },
    };
  };
  return { events, open };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await delay(2);
}

test('one poll serves all readers; it begins with the first and ends with the last', async () => {
  let reads = 0;
  let state = 'one';
  const { events, open } = await serve({
    read: () => {
      reads += 1;
      return Promise.resolve(state);
    },
  });
  expect(reads).toBe(0);
  const readers = await Promise.all([open(), open(), open()]);
  await until(() => reads > 2);
  expect(readers.map(({ changes }) => changes())).toEqual([0, 0, 0]);
  state = 'two';
  await until(() => readers.every(({ changes }) => changes() === 1));
  for (const { close } of readers) close();
  await until(() => !events.isPolling);
  const then = reads;
  await delay(30);
  expect(reads).toBe(then);
  const again = await open();
  await until(() => reads > then);
  again.close();
});

test('that a server is away, and is back, is told once each', async () => {
  let isAway = false;
  let reads = 0;
  const { open } = await serve({
    read: () => {
      reads += 1;
      return isAway ? Promise.reject(new Error('away')) : Promise.resolve('same');
    },
  });
  const reader = await open();
  await until(() => reads > 1);
  isAway = true;
  await until(() => reader.changes() === 1);
  const then = reads;
  await until(() => reads > then + 3);
  expect(reader.changes()).toBe(1);
  isAway = false;
  await until(() => reader.changes() === 2);
});

test('a stream has heartbeats and ends after its time; further readers are refused', async () => {
  const { open } = await serve({
    ...{ read: () => Promise.resolve('same'), heartbeatMs: 5, streamMs: 80, maxReaders: 1 },
  });
  const reader = await open();
  const refused = await open();
  expect(refused.response.status).toBe(503);
  await reader.ended;
  expect(reader.response.headers.get('content-type')).toContain('text/event-stream');
  expect(reader.text()).toMatch(/^retry: 3000\n\n(: still here\n\n)+$/);
  expect((await open()).response.status).toBe(200);
});

test('readers are told from time to time although nothing changes, since ages grow', async () => {
  const { open } = await serve({ read: () => Promise.resolve('same'), mostMs: 20 });
  const reader = await open();
  await until(() => reader.changes() >= 2);
});
