import { expect, test } from '@jest/globals';
import { decodeFeed } from './decode-feed.ts';

const declared = (encoding: string) => `<?xml version="1.0" encoding="${encoding}"?><rss>é</rss>`;

test.each([
  ['the charset of Content-Type', Buffer.from('<rss>é</rss>', 'latin1'), 'text/xml; charset=iso-8859-1'],
  ['the XML declaration', Buffer.from(declared('ISO-8859-1'), 'latin1'), 'text/xml'],
  ['a byte order mark before a wrong charset', Buffer.from('\uFEFF<rss>é</rss>'), 'text/xml; charset=latin1'],
  ['the byte order mark of UTF-16', Buffer.from('\uFEFF<rss>é</rss>', 'utf16le'), null],
  ['UTF-8 without declaration', Buffer.from('<rss>é</rss>'), null],
  [
    'a declaration that is right where Content-Type is wrong',
    Buffer.from(declared('latin1'), 'latin1'),
    'text/xml; charset=utf-8',
  ],
  ['an unknown charset', Buffer.from('<rss>é</rss>'), 'text/xml; charset=klingon'],
  ['a declaration of UTF-16 in bytes', Buffer.from(declared('UTF-16')), null],
  ['windows-1252 without declaration', Buffer.from('<rss>é</rss>', 'latin1'), null],
])('reads %s', (_name, bytes, contentType) => {
  expect(decodeFeed(bytes, contentType)).toContain('<rss>é</rss>');
});
