import { expect, test } from '@jest/globals';
import { EVENT_STREAMS, parseListing } from './listing.ts';

const [ENGLISH, TRANSLATION] = EVENT_STREAMS;
const MD5 = '0123456789abcdef0123456789ABCDEF';
const URL = 'http://data.gdeltproject.org/gdeltv2';

test('keeps the exports of its stream, independent of their host', () => {
  const text = [
    `80544 ${MD5} ${URL}/20261121110000.export.CSV.zip\r`,
    `154011 ${MD5} ${URL}/20261121110000.mentions.CSV.zip`,
    `5 ${MD5} ${URL}/20261121111500.translation.export.CSV.zip`,
    `6 ${MD5} https://elsewhere.example/../x/20261121113000.export.CSV.zip`,
  ].join('\n');
  const md5 = MD5.toLowerCase();
  expect(parseListing(text, ENGLISH)).toEqual([
    { slot: '20261121110000', sizeBytes: 80544, md5 },
    { slot: '20261121113000', sizeBytes: 6, md5 },
  ]);
  expect(parseListing(text, TRANSLATION)).toEqual([{ slot: '20261121111500', sizeBytes: 5, md5 }]);
});

test.each([
  `5 ${MD5} ${URL}/20261121110100.export.CSV.zip`,
  `5 ${MD5} ${URL}/x20261121110000.export.CSV.zip`,
  `5 ${MD5} ${URL}/20261121110000.export.CSV.zip.exe`,
  `5 ${MD5}0 ${URL}/20261121110000.export.CSV.zip`,
  `-5 ${MD5} ${URL}/20261121110000.export.CSV.zip`,
  `${MD5} ${URL}/20261121110000.export.CSV.zip`,
  `5 ${MD5} ${URL}/20261121110000.export.CSV.zip and more`,
])('ignores %s', (line) => {
  expect(parseListing(line, ENGLISH)).toEqual([]);
});
