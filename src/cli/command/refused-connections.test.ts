import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { addressesOf, refuses } from './refused-connections.ts';

describe('the addresses of a URL', () => {
  test.each([
    ['mongodb://127.0.0.1', [{ host: '127.0.0.1', port: 27017 }]],
    ['mongodb://user:pass%40word@db.example.org:27018/x', [{ host: 'db.example.org', port: 27018 }]],
    ['mongodb://localhost/sonotheque?w=1', [{ host: 'localhost', port: 27017 }]],
    [
      'mongodb://u:p@one:1,two,[::1]:3/x?replicaSet=a',
      [
        { host: 'one', port: 1 },
        { host: 'two', port: 27017 },
        { host: '::1', port: 3 },
      ],
    ],
    // Forms that a driver must look up, or that are no connections.
    ['mongodb+srv://cluster.example.org', []],
    ['unix:///run/mongodb.sock', []],
    ['nonsense', []],
  ])('%s', (url, addresses) => {
    expect(addressesOf(url)).toEqual(addresses);
  });
});

describe('a refused connection', () => {
  test('is told when all addresses refuse, and only then', async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const open = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
    const closed = { host: '127.0.0.1', port: 1 };
    try {
      expect(await refuses([closed])).toBe(true);
      expect(await refuses([open])).toBe(false);
      expect(await refuses([closed, open])).toBe(false);
      expect(await refuses([])).toBe(false);
    } finally {
      server.close();
    }
  });

  test('is none when the name is unknown: that is a matter of the driver', async () => {
    expect(await refuses([{ host: 'no-such-host.invalid', port: 1 }])).toBe(false);
  });
});
