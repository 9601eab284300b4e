import { expect, test } from '@jest/globals';
import { messagesOf } from '../../text/messages/messages-of.ts';
import { formatAfter, formatBefore } from './collection-totals.ts';

const LABELS = new Map([
  ['french-news', 'Flux RSS'],
  ['weather', 'OpenWeatherMap'],
]);
const BEFORE = new Map([
  ['weather', 4],
  ['french-news', 25_000],
  ['gone', 1],
]);
const AFTER = new Map([
  ['french-news', 25_047],
  ['weather', 4],
  ['constructor', 2],
]);

test('before a collection, the sources are named by their labels, most documents first', () => {
  expect(formatBefore(BEFORE, LABELS, messagesOf('en'))).toBe(
    [
      'Before the collection',
      'SOURCE          documents',
      'Flux RSS           25,000',
      'OpenWeatherMap          4',
      'gone                    1',
      'total              25,005',
    ].join('\n'),
  );
});

test('after it, also with what it has added; in the language of the reader', () => {
  const text = formatAfter(BEFORE, AFTER, LABELS, 49, messagesOf('fr'));
  expect(text.replaceAll(/[\u00a0\u202f]/g, ' ')).toBe(
    [
      'Après la collecte',
      'SOURCE           avant   après  croissance',
      'Flux RSS        25 000  25 047         +47',
      'OpenWeatherMap       4       4          +0',
      'constructor          0       2          +2',
      'gone                 1       0          -1',
      'total           25 005  25 053         +48',
      '49 nouveaux documents au cours des dernières 24 heures',
    ].join('\n'),
  );
});

test('an empty archive', () => {
  expect(formatBefore(new Map(), LABELS, messagesOf('fr'))).toMatch(
    /^Avant la collecte\nSOURCE .*\ntotal +0$/,
  );
});
