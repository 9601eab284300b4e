import { expect, test } from '@jest/globals';
import { html } from './html.ts';
import { formatTextTable, numbers, renderTable } from './tables.ts';

const labelsOf = (markup: string) =>
  Array.from(markup.matchAll(/data-label="([^"]*)"/g), ([, label]) => label);

test('each cell says the heading of its column, in every row', () => {
  const row = (title: string, count: number) =>
    html`<tr>
      <td class="text">${title}<small>td</small></td>
      <td>${html`<time datetime="x">y</time>`}</td>
      <td class="number">${count}</td>
    </tr>`;
  const { markup } = renderTable(
    'Videos',
    ['title', 'when', ...numbers('length')],
    [row('a', 1), row('b', 2)],
  );
  expect(labelsOf(markup)).toEqual(['title', 'when', 'length', 'title', 'when', 'length']);
  expect(markup).toContain('<td data-label="title" class="text">a<small>td</small></td>');
  expect(markup).toContain('<th scope="col" class="number">length</th>');
});

test('a hostile title is neither a cell nor an attribute, and takes no label', () => {
  const evil = '<td onclick="x()"></td><td data-label="y">" onmouseover="z()';
  const rows = [
    html`<tr>
      <td>${evil}</td>
      <td>${evil}</td>
    </tr>`,
  ];
  const { markup } = renderTable(evil, [evil, 'second'], rows);
  const labels = labelsOf(markup);
  expect(labels).toHaveLength(2);
  expect(labels[1]).toBe('second');
  expect(markup.match(/<td\b/g)).toHaveLength(2);
  expect(markup).not.toContain('" onmouseover');
});

test('a row with more cells than headings has empty labels', () => {
  const { markup } = renderTable(
    'Videos',
    ['one'],
    [
      html`<tr>
        <td>1</td>
        <td>2</td>
      </tr>`,
    ],
  );
  expect(labelsOf(markup)).toEqual(['one', '']);
});

test('a table without rows has its headings only', () => {
  const { markup } = renderTable('Videos', ['one', ...numbers('two')], []);
  expect(labelsOf(markup)).toEqual([]);
  expect(markup.match(/<th\b/g)).toHaveLength(2);
});

test('a text table aligns numbers to the right', () => {
  expect(formatTextTable(['a', ...numbers('bb')], [['xyz', '1']])).toBe('a    bb\nxyz   1');
});
