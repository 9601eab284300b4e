import { createCipheriv } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { cdnUrl, decodeVideo, fileUrl } from './savetube-protocol.ts';

const API = 'https://media.savetube.vip/api';

describe('the protocol of SaveTube', () => {
  test('a response can be decrypted with its key and no other', () => {
    const key = '00112233445566778899aabbccddeeff';
    const cipher = createCipheriv('aes-128-cbc', Buffer.from(key, 'hex'), Buffer.alloc(16, 7));
    const text = cipher.update(JSON.stringify({ id: 'dQw4w9WgXcQ', key: 'k', title: 'T', duration: '12' }));
    const data = Buffer.concat([Buffer.alloc(16, 7), text, cipher.final()]).toString('base64');
    expect(decodeVideo(data, key)).toEqual({ id: 'dQw4w9WgXcQ', key: 'k', title: 'T', duration: 12 });
    for (const [wrongData, wrongKey] of [
      [data, '0'.repeat(32)],
      ['', key],
      ['AAAA', key],
      [data.slice(0, 40), key],
    ] as const) {
      expect(() => decodeVideo(wrongData, wrongKey)).toThrow(/SAVETUBE_KEY/);
    }
  });

  test.each([
    ['cdn405.savetube.vip', 'https://cdn405.savetube.vip'],
    ['media.savetube.vip', 'https://media.savetube.vip'],
    ['savetube.vip.example.org', undefined],
    ['evilsavetube.vip', undefined],
    ['127.0.0.1', undefined],
    ['localhost:6379', undefined],
    ['cdn1.savetube.vip/path', undefined],
    ['x@cdn1.savetube.vip', undefined],
    ['', undefined],
  ])('the host %j → %s', (cdn, expected) => {
    if (expected === undefined) expect(() => cdnUrl(cdn, API, 'https')).toThrow(/not its own/);
    else expect(cdnUrl(cdn, API, 'https')).toBe(expected);
  });

  test('an IP address has no sibling hosts', () => {
    expect(cdnUrl('127.0.0.1:80', 'http://127.0.0.1:80/api', 'http')).toBe('http://127.0.0.1');
    expect(() => cdnUrl('9.9.0.1', 'http://127.0.0.1/api', 'http')).toThrow(/not its own/);
  });

  test.each([
    ['https://files.example.org/a.mp3', 'https', true],
    ['http://files.example.org/a.mp3', 'https', false],
    ['https://127.0.0.1/a.mp3', 'https', false],
    ['https://2130706433/a.mp3', 'https', false],
    ['https://[::1]/a.mp3', 'https', false],
    ['https://localhost/a.mp3', 'https', false],
    ['file:///etc/passwd', 'https', false],
    ['javascript:1', 'https', false],
    ['not an address', 'https', false],
    ['http://127.0.0.1:8080/a.mp3', 'http', true],
    ['file:///etc/passwd', 'http', false],
  ] as const)('the file %s with %s is fetched: %s', (address, scheme, allowed) => {
    if (allowed) expect(fileUrl(address, scheme).href).toBe(address);
    else expect(() => fileUrl(address, scheme)).toThrow(/not fetched/);
  });
});
