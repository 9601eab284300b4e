import { expect, test } from '@jest/globals';
import { clientAddress } from './client-address.ts';

const of = (ip: string | undefined, remoteAddress: string | undefined = '10.0.0.1') =>
  clientAddress({ ip, socket: { remoteAddress } } as Parameters<typeof clientAddress>[0]);

test.each([
  ['203.0.113.9', '203.0.113.9', '203.0.113.9'],
  ['203.0.113.9:4711', '203.0.113.9', '203.0.113.9'],
  ['::ffff:203.0.113.9', '203.0.113.9', '203.0.113.9'],
  ['2001:db8:0:1:2:3:4:5', '2001:db8:0:1:2:3:4:5', '2001:db8:0:1::/64'],
  ['2001:DB8:0:1::9', '2001:db8:0:1::9', '2001:db8:0:1::/64'],
  ['[2001:db8:0:1::9]:443', '2001:db8:0:1::9', '2001:db8:0:1::/64'],
  ['[2001:db8:0:1::9]', '2001:db8:0:1::9', '2001:db8:0:1::/64'],
  ['fe80::1%eth0', 'fe80::1', 'fe80::/64'],
  ['::1', '::1', '::/64'],
  ['unknown', '10.0.0.1', '10.0.0.1'],
  ['_hidden', '10.0.0.1', '10.0.0.1'],
  ['0x7f.1', '10.0.0.1', '10.0.0.1'],
  ['203.0.113.9, 1.2.3.4', '10.0.0.1', '10.0.0.1'],
  [`${'1'.repeat(100_000)}:`, '10.0.0.1', '10.0.0.1'],
  [undefined, '10.0.0.1', '10.0.0.1'],
])('%j is the client %s, counted with %s', (ip, address, network) => {
  expect(of(ip)).toEqual({ address, network });
});

test('a connection that has ended meanwhile has no address', () => {
  expect(clientAddress({ ip: undefined, socket: {} } as Parameters<typeof clientAddress>[0]).address).toBe(
    'unknown',
  );
});
