import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PermanentError, TransientError } from './job-errors.ts';
import { shownAddress, withShownAddresses } from './shown-address.ts';

describe('a shown address', () => {
  test.each([
    ['https://ann:pass@feeds.example/a/b.mp3?token=T#s', 'https://feeds.example/a/b.mp3'],
    ['https://token@feeds.example:8443/a', 'https://feeds.example:8443/a'],
    ['https://feeds.example?auth=T', 'https://feeds.example'],
    ['https://feeds.example/?auth=T', 'https://feeds.example/'],
    ['https://feeds.example/a b?x', 'https://feeds.example/a%20b'],
    ['mongodb://ann:p@db1,db2/name?tls=1', 'mongodb://db1,db2/name'],
    ['socks5h://u:p@127.0.0.1:1080', 'socks5h://127.0.0.1:1080'],
    ['http://ann:p/w?@host.example/x?y', 'http://host.example/x'],
    ['/relative/path?token=T', '/relative/path'],
    ['https://www.youtube.com/watch?v=AbC-_123456&pp=T', 'https://www.youtube.com/watch?v=AbC-_123456'],
    ['https://www.youtube.com/playlist?list=PLx&si=T#T', 'https://www.youtube.com/playlist?list=PLx'],
    ['https://youtube.com.example/watch?v=T', 'https://youtube.com.example/watch'],
    ['https://www.youtube.com/watch?v=T%26token%3DT', 'https://www.youtube.com/watch'],
  ])('%s is %s', (address, expected) => {
    expect(shownAddress(address)).toBe(expected);
    expect(shownAddress(expected)).toBe(expected);
  });

  test('has no secret, wherever one stands', () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9]{12,20}$/);
    fc.assert(
      fc.property(secret, fc.constantFrom('http', 'https', 'HTTPS', 'ftp', 'socks5'), (word, scheme) => {
        for (const address of [
          `${scheme}://${word}@a.example/x`,
          `${scheme}://ann:${word}@a.example/x`,
          `${scheme}://a.example/x?${word}`,
          `${scheme}://a.example/x?a=1&b=${word}#c`,
          `${scheme}://a.example/x#${word}`,
          `${scheme}://a.example:port/x?${word}`,
          `${scheme}://ann:${word}@[::bad/x`,
        ]) {
          expect(shownAddress(address)).not.toContain(word);
          expect(withShownAddresses(`Fetching ${address}: failed`)).not.toContain(word);
          expect(withShownAddresses(JSON.stringify({ note: `"${address}" failed` }))).not.toContain(word);
        }
      }),
    );
  });
});

describe('a text', () => {
  test.each([
    [
      'Fetching https://u:p@a.example/x?t=1 failed: see http://b.example/?q=2.',
      'Fetching https://a.example/x failed: see http://b.example/.',
    ],
    ['(https://a.example/x?t=1)', '(https://a.example/x)'],
    ['{"url":"https://a.example/x?t=1","n":1}', '{"url":"https://a.example/x","n":1}'],
    ['a "quoted \\"https://a.example/?t\\" text"', 'a "quoted \\"https://a.example/\\" text"'],
    ['no address: a//b?c=d', 'no address: a//b?c=d'],
    ['http://', 'http://'],
  ])('%s', (text, expected) => {
    expect(withShownAddresses(text)).toBe(expected);
  });

  test('of any length takes linear time', () => {
    for (const part of ['a', 'a.', 'http://', '://', 'http://a@', 'a?', 'http:///@?#']) {
      const begin = performance.now();
      withShownAddresses(part.repeat(200_000));
      expect(performance.now() - begin).toBeLessThan(1_000);
    }
  });
});

test('messages of errors have shown addresses', () => {
  const message = 'https://ann:word@a.example/feed?token=word answered with status 500.';
  for (const error of [new TransientError('server_error', message), new PermanentError('removed', message)]) {
    expect(error.message).toBe('https://a.example/feed answered with status 500.');
    expect(error.stack).not.toContain('word');
  }
});
