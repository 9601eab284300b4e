import { expect, test } from '@jest/globals';
import { decodeFeed } from './decode-feed.ts';

const declared = (encoding: string) => `<?xml version="1.0" encoding="${encoding}"?><rss>é</rss>`;

test.each([
  ['the charset of Content-Type', Buffer.from('<rss>é</rss>', 'latin1'), 'iso-8859-1'],
  ['the XML declaration', Buffer.from(declared('ISO-8859-1'), 'latin1'), undefined],
  ['a byte order mark before a wrong charset', Buffer.from('\uFEFF<rss>é</rss>'), 'latin1'],
  ['the byte order mark of UTF-16', Buffer.from('\uFEFF<rss>é</rss>', 'utf16le'), undefined],
  ['UTF-8 without declaration', Buffer.from('<rss>é</rss>'), undefined],
  [
    'a declaration that is right where Content-Type is wrong',
    Buffer.from(declared('latin1'), 'latin1'),
    'utf-8',
  ],
  ['an unknown charset', Buffer.from('<rss>é</rss>'), 'klingon'],
  ['a declaration of UTF-16 in bytes', Buffer.from(declared('UTF-16')), undefined],
  ['windows-1252 without declaration', Buffer.from('<rss>é</rss>', 'latin1'), undefined],
])('reads %s', (_name, bytes, charset) => {
  expect(decodeFeed(bytes, charset).text).toContain('<rss>é</rss>');
});
