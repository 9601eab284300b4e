import { describe, expect, test } from '@jest/globals';
import { isAtLeast } from './finding.ts';

describe('isAtLeast', () => {
  test.each([
    ['24.21.0', '22.18', true],
    ['22.18.0', '22.18', true],
    ['22.9.1', '22.18', false],
    ['2026.07.04', '2026.07.04', true],
    ['2026.08.19.dev0', '2026.07.04', true],
    ['2025.12.31', '2026.07.04', false],
    ['7.0.15', '6.2', true],
    ['5', '5.0', true],
    ['', '1', false],
  ])('%s against %s is %s', (version, least, expected) => {
    expect(isAtLeast(version, least)).toBe(expected);
  });
});
