import { describe, expect, test } from '@jest/globals';
import { detectDialect } from './dialect.ts';

const delimiterOf = (sample: string) => detectDialect(sample, 'auto').delimiter;

describe('detectDialect', () => {
  test.each([
    [',', 'a,b\n1,2\n'],
    [';', 'a;b\n1,5;2,5\n3,5;4,5\n'],
    ['\t', 'a\tb\n1, one\t2\n'],
    ['|', 'a|b\n1|2'],
    [';', 'a;b\n"x,y,z";"1\n2,3"\n"q";2\n'],
    [';', 'a;b;c\n1;2;3\n4;5;6\n7,8,9'],
    [',', 'name,text\n1,one\n2,two, three, four\n3,"x; y"\n'],
    [';', 'Report, 2026\nid;name;x\n1;a;b\n2;c;d\n3;e;f\n'],
  ])('finds %j in %j', (delimiter, sample) => {
    expect(delimiterOf(sample)).toBe(delimiter);
  });

  test('a delimiter in the settings decides, also against a separator line', () => {
    expect(detectDialect('sep=;\na;b,c\n1;2,3\n', ',')).toMatchObject({ delimiter: ',', headerLine: 2 });
  });

  test('an empty file has a dialect too', () => {
    expect(detectDialect('', 'auto')).toMatchObject({ headerLine: 1, titles: 0 });
  });
});
