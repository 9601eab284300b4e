import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, jest, test } from '@jest/globals';
import { RedisServer } from './redis-server.ts';

test('what is said within a turn of the event loop is written at once, in its order', async () => {
  const chunks: string[] = [];
  const server = createServer((socket) => {
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      const commands = text.match(/^\*/gmu) ?? [];
      if (text.includes('note'))
        chunks.push(text.replaceAll(/\*3\r\n\$3\r\nset\r\n\$4\r\nnote\r\n\$1\r\n(\d)\r\n/gu, '$1'));
      socket.write('+OK\r\n'.repeat(commands.length));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const redis = new RedisServer({ host: '127.0.0.1', port, protocol: 2, enableReadyCheck: false });
  try {
    await once(redis, 'ready');
    const writes = jest.spyOn(redis.stream as Required<typeof redis.stream>, '_writev');
    const first = Promise.all([redis.set('note', 1), redis.set('note', 2), redis.set('note', 3)]);
    expect(await first).toEqual(['OK', 'OK', 'OK']);
    expect(writes.mock.calls.map(([parts]) => parts.length)).toEqual([3]);
    await delay(1);
    expect(await redis.set('note', 4)).toBe('OK');
    expect(chunks).toEqual(['123', '4']);

    // Ended before it was written: nothing is lost.
    const last = redis.set('note', 5);
    redis.disconnect();
    await last.catch(() => undefined);
    await delay(20);
    expect(chunks).toEqual(['123', '4', '5']);
  } finally {
    redis.disconnect();
    await new Promise((resolve) => server.close(resolve));
  }
});
