import process from 'node:process';
import { describe, expect, test } from '@jest/globals';
import { readAll, rssFeed } from './feeds.ts';

const CHARACTERS = 250_000;
const repeated = (unit: string) => unit.repeat(CHARACTERS / unit.length);
const AFTER = '<item><title>after</title></item>';
/** Of the processor: linear time takes some 100 ms, quadratic time minutes. */
const MAX_MS = 2_000;

function processorMs(work: () => void): number {
  const before = process.cpuUsage().user;
  work();
  return (process.cpuUsage().user - before) / 1_000;
}

const UNITS = [
  '<item>',
  '<item/>',
  '</item>',
  '<a ',
  '<a>',
  '</a>',
  '<a b="',
  '<a b=">',
  '<a "="',
  '<a \'"',
  '<a:',
  '<!--',
  '-->',
  '<![CDATA[',
  ']]>',
  '<?',
  '<!',
  '<!DOCTYPE a [',
  '<br>',
  '<x xmlns:a="b">',
  '<title>',
  '&',
  '&amp;',
  '&#x',
  '"',
  ' ',
  '\n',
  'a@',
];

describe.each([
  ['in an item', (text: string) => rssFeed(`<item><title>a</title>${text}</item>${AFTER}`)],
  ['in a text', (text: string) => rssFeed(`<item><description>${text}</description></item>${AFTER}`)],
  [
    'in a section',
    (text: string) => rssFeed(`<item><description><![CDATA[${text}]]></description></item>${AFTER}`),
  ],
  ['in an author', (text: string) => rssFeed(`<item><author>${text}(</author></item>${AFTER}`)],
  ['between items', (text: string) => rssFeed(`${text}${AFTER}`)],
  ['before the feed', (text: string) => `${text}${rssFeed(AFTER)}`],
])('250 kB %s', (_place, feedOf) => {
  test.each(UNITS)('of %p is read in linear time, and the last item is kept', (unit) => {
    const text = feedOf(repeated(unit));
    let last: string | undefined;
    const ms = processorMs(() => {
      last = readAll(text, CHARACTERS).items.at(-1)?.title;
    });
    expect(ms).toBeLessThan(MAX_MS);
    expect(last).toBe('after');
  });
});

test('4,000 nested elements in escaped HTML are read', () => {
  const html = `${'<div>'.repeat(4_000)}deep${'</div>'.repeat(4_000)}`;
  const feed = readAll(rssFeed(`<item><description><![CDATA[${html}]]></description></item>${AFTER}`));
  expect(feed.items.map(({ title, summary }) => title ?? summary)).toEqual(['deep', 'after']);
});

test('an author of 2.8 kB does not take longer than others', () => {
  for (const author of [
    `a@${' '.repeat(2_800)}(`,
    `${'a@'.repeat(1_400)} (`,
    `${'@'.repeat(1_400)}${'('.repeat(1_400)}`,
  ]) {
    const feed = rssFeed(`<item><title>a</title><author>${author}</author></item>`);
    expect(processorMs(() => void readAll(feed))).toBeLessThan(200);
  }
});
