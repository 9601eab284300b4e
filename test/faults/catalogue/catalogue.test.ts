import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { FAULTS } from './catalogue.ts';
import { faultsPage } from './page.ts';

const placeOf = (file: string) => new URL(`../../../${file}`, import.meta.url);
const read = (file: string) => (existsSync(placeOf(file)) ? readFileSync(placeOf(file), 'utf8') : '');
const PROOFS = FAULTS.flatMap(({ number, proofs }) =>
  Object.entries(proofs).flatMap(([file, titles]) => titles.map((title) => ({ number, file, title }))),
);

describe('the catalogue of faults', () => {
  test('has 38 rows, each with a test or a note', () => {
    expect(FAULTS.map(({ number }) => number)).toEqual(
      Array.from({ length: 38 }, (_value, index) => index + 1),
    );
    const unproven = FAULTS.filter(
      ({ proofs, note }) => note === undefined && Object.values(proofs).flat().length === 0,
    );
    expect(unproven).toEqual([]);
  });

  test('names only tests that exist', () => {
    const missing = PROOFS.filter(({ file, title }) => {
      const source = read(file);
      return !["'", '"', '`'].some((quote) => source.includes(`${quote}${title}${quote}`));
    });
    expect(missing).toEqual([]);
  });

  test('equals docs/dev/faults.md', () => {
    expect(read('docs/dev/faults.md')).toBe(faultsPage());
  });
});
