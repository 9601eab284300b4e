import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { redisRefusal } from './redis-refusal.ts';

let server: Server | undefined;
afterEach(() => {
  server?.close();
});

/** A server that does something to each connection. @returns its port. */
async function listening(greet: (socket: Socket) => void): Promise<number> {
  const started = createServer((socket) => {
    socket.on('error', () => undefined);
    greet(socket);
  });
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  return (started.address() as AddressInfo).port;
}

describe('redisRefusal', () => {
  test.each([
    'NOAUTH Authentication required.',
    'WRONGPASS invalid username-password pair or user is disabled.',
    "NOPERM User default has no permissions to run the 'info' command",
  ])('an answer: %s', async (message) => {
    expect(await redisRefusal({ host: '127.0.0.1', port: 1 }, new Error(message))).toBe(message);
  });

  test('what a server in protected mode says before it closes the connection', async () => {
    const port = await listening((socket) =>
      socket.end(
        '-DENIED Redis is running in protected mode. In this mode connections are only accepted …\r\n',
      ),
    );
    const refusal = await redisRefusal({ host: '127.0.0.1', port }, new Error('Connection is closed.'));
    expect(refusal).toBe('DENIED Redis is running in protected mode.');
  });

  test('a server that is full of clients', async () => {
    const port = await listening((socket) => socket.end('-ERR max number of clients reached\r\n'));
    expect(await redisRefusal({ host: '127.0.0.1', port }, undefined)).toBe('max number of clients reached');
  });

  test('nothing of a server that is away, or that speaks of something else without end', async () => {
    expect(await redisRefusal({ host: '127.0.0.1', port: 1 }, new Error('ECONNREFUSED'))).toBeUndefined();
    const port = await listening((socket) => socket.write('x'.repeat(100_000)));
    expect(await redisRefusal({ host: '127.0.0.1', port }, undefined)).toBeUndefined();
  });
});
