import { expect, test } from '@jest/globals';
import { formatRatio, shown } from './bench-report.ts';
import { medianOf, toRow } from './figures.ts';
import { alternate } from './rounds.ts';

test.each([
  [{ name: 'wall', value: 0.84, aim: { atMost: 0.85 } }, 'wall: 0.84 (aim: at most 0.85)'],
  [{ name: 'wall', value: 0.86, aim: { atMost: 0.85 } }, 'wall: 0.86 (aim: at most 0.85, not met)'],
  [{ name: 'speed', value: 0.95, aim: { atLeast: 0.95 } }, 'speed: 0.95 (aim: at least 0.95)'],
  [{ name: 'speed', value: 0.9, aim: { atLeast: 0.95 } }, 'speed: 0.90 (aim: at least 0.95, not met)'],
  [{ name: 'speed', value: 1 }, 'speed: 1.00'],
])('a ratio says whether it meets its aim: %j', (ratio, text) => {
  expect(formatRatio(ratio)).toBe(text);
});

test('a row has the spread of each figure; one round has no spread to show', () => {
  const row = toRow('worker', [{ seconds: 3 }, { seconds: 1 }, { seconds: 2, more: 5 }]);
  expect(row.figures).toEqual({
    seconds: { median: 2, min: 1, max: 3 },
    more: { median: 5, min: 5, max: 5 },
  });
  expect(shown(row.figures['seconds'], 1)).toBe('2.0 (1.0–3.0)');
  expect(shown(row.figures['more'], 1)).toBe('5.0');
  expect(shown(row.figures['missing'], 1)).toBe('');
  const group = { title: '', columns: [], rows: [row] };
  expect(medianOf(group, 'worker', 'seconds')).toBe(2);
  expect(() => medianOf(group, 'worker', 'missing')).toThrow('has no missing');
});

test('what is compared takes turns, in the opposite order in every other round', async () => {
  const order: string[] = [];
  const subject = (name: string) => ({
    name,
    run: () => {
      order.push(name);
      return Promise.resolve(order.length);
    },
  });
  const results = await alternate(3, [subject('a'), subject('b')], () => undefined);
  expect(order.join('')).toBe('abbaab');
  expect(Object.fromEntries(results)).toEqual({ a: [1, 4, 5], b: [2, 3, 6] });
});
