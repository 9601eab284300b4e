import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isPrivateHost, isPublicAddress, refusePrivateLiteral } from './private-addresses.ts';

describe('an IP address', () => {
  test.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '192.0.2.1',
    '198.18.0.1',
    '240.0.0.1',
    '::',
    '::1',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    'fe80::1',
    'fec0::1',
    'fc00::1',
    'fd12:3456::1',
    'ff02::1',
    '64:ff9b::10.0.0.1',
    '64:ff9b:1::8.8.8.8',
    '2001:db8::1',
    '2002:7f00:1::',
    '2001:0:1::1',
    'not an address',
  ])('%s is not public', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  test.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '64:ff9b::8.8.8.8'])(
    '%s is public',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  test('of a private network is not public in any form that a URL may have', () => {
    const privateIpv4 = fc.oneof(
      fc.tuple(fc.constant(10), fc.nat(255), fc.nat(255), fc.nat(255)),
      fc.tuple(fc.constant(127), fc.nat(255), fc.nat(255), fc.nat(255)),
      fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), fc.nat(255), fc.nat(255)),
      fc.tuple(fc.constant(192), fc.constant(168), fc.nat(255), fc.nat(255)),
    );
    fc.assert(
      fc.property(privateIpv4, ([a, b, c, d]) => {
        const number = ((a * 256 + b) * 256 + c) * 256 + d;
        const forms = [
          `${a}.${b}.${c}.${d}`,
          String(number),
          `0x${number.toString(16)}`,
          `${a}.${b}.${c * 256 + d}`,
          `0${a.toString(8)}.${b}.${c}.${d}`,
          `[::ffff:${a}.${b}.${c}.${d}]`,
          `[64:ff9b::${a}.${b}.${c}.${d}]`,
        ];
        for (const host of forms) {
          expect(() => {
            refusePrivateLiteral(new URL(`http://${host}/`));
          }).toThrow('private network');
        }
      }),
    );
  });
});

test.each([
  ['http://127.0.0.1:9000/api', true],
  ['http://[fd12::1]/', true],
  ['http://localhost:8080/', true],
  ['http://savetube/', true],
  ['https://media.savetube.example/', false],
  ['https://8.8.8.8/', false],
])('the host of %s is private by its text: %s', (url, expected) => {
  expect(isPrivateHost(new URL(url))).toBe(expected);
});
