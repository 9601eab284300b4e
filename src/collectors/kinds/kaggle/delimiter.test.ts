import { describe, expect, test } from '@jest/globals';
import { detectDelimiter } from './delimiter.ts';

describe('detectDelimiter', () => {
  test.each([
    [',', 'a,b\n1,2\n'],
    [';', 'a;b\n1,5;2,5\n3,5;4,5\n'],
    ['\t', 'a\tb\n1, one\t2\n'],
    ['|', 'a|b\n1|2'],
    [',', 'name\nAda\nGrace\n'],
    [',', ''],
    [';', 'a;b\n"x,y,z";"1\n2,3"\n"q";2\n'],
  ])('finds %j in %j', (delimiter, sample) => {
    expect(detectDelimiter(sample)).toBe(delimiter);
  });

  test('ignores an incomplete last record', () => {
    expect(detectDelimiter('a;b;c\n1;2;3\n4;5;6\n7,8,9')).toBe(';');
  });
});
