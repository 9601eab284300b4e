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

const urlOf = (port: number) => `redis://user:secret@127.0.0.1:${String(port)}`;

describe('redisRefusal', () => {
  test('what the last node of a cluster answered, and what a sentinel did', async () => {
    const all = Object.assign(new Error('Failed to refresh slots cache.'), {
      lastNodeError: new Error('WRONGPASS invalid username-password pair or user is disabled.'),
    });
    const expected = 'WRONGPASS invalid username-password pair or user is disabled.';
    expect(await redisRefusal({ url: urlOf(1) }, [new Error('Command timed out'), all])).toBe(expected);
    const sentinel = new Error(`All sentinels are unreachable. Last error: ${expected}`);
    expect(await redisRefusal({ url: urlOf(1) }, [undefined, sentinel])).toBe(expected);
  });

  test.each([
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', "Hostname/IP does not match certificate's altnames: IP: 10.0.0.1"],
    ['', 'All sentinels are unreachable. Last error: self-signed certificate in certificate chain'],
  ])('what is wrong with TLS: %s', async (code, message) => {
    const error = Object.assign(new Error(message), { code });
    expect(await redisRefusal({ url: urlOf(1) }, [error])).toBe(`TLS fails: ${message}`);
  });

  test.each([
    'NOAUTH Authentication required.',
    'WRONGPASS invalid username-password pair or user is disabled.',
    "NOPERM User default has no permissions to run the 'info' command",
  ])('an answer: %s', async (message) => {
    expect(await redisRefusal({ url: urlOf(1) }, [new Error(message)])).toBe(message);
  });

  test('what a server in protected mode says before it closes the connection', async () => {
    const port = await listening((socket) =>
      socket.end(
        '-DENIED Redis is running in protected mode. In this mode connections are only accepted …\r\n',
      ),
    );
    const refusal = await redisRefusal({ url: urlOf(port) }, [new Error('Connection is closed.')]);
    expect(refusal).toBe('DENIED Redis is running in protected mode.');
  });

  test('a server that is full of clients', async () => {
    const port = await listening((socket) => socket.end('-ERR max number of clients reached\r\n'));
    expect(await redisRefusal({ url: urlOf(port) }, [])).toBe('max number of clients reached');
  });

  test('nothing of a server that is away, or that speaks of something else without end', async () => {
    expect(await redisRefusal({ url: urlOf(1) }, [new Error('ECONNREFUSED')])).toBeUndefined();
    const port = await listening((socket) => socket.write('x'.repeat(100_000)));
    expect(await redisRefusal({ url: urlOf(port) }, [])).toBeUndefined();
  });
});
