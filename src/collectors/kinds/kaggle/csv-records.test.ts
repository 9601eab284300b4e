import { describe, expect, test } from '@jest/globals';
import type { CsvDialect } from './csv-parser.ts';
import { readCsvRecords, type CsvRecord } from './csv-records.ts';

const DIALECT: CsvDialect = { delimiter: ',', escape: '"', lineEnds: ['\r\n', '\n'] };

async function read(
  text: string | Buffer,
  { chunkBytes = Infinity, ...dialect }: Partial<CsvDialect> & { readonly chunkBytes?: number } = {},
): Promise<CsvRecord[]> {
  const bytes = Buffer.from(text);
  async function* chunks() {
    await Promise.resolve();
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      yield bytes.subarray(at, Math.min(bytes.length, at + chunkBytes));
    }
  }
  const records: CsvRecord[] = [];
  for await (const batch of readCsvRecords(chunks(), { ...DIALECT, ...dialect })) records.push(...batch);
  return records;
}

const row = (line: number, ...values: string[]) => ({ line, values });
const broken = (line: number, problem: string) => ({ line, problem });

/** Every way to cut a file into chunks gives the same records. */
async function expectRecords(
  text: string | Buffer,
  expected: unknown[],
  dialect: Partial<CsvDialect> = {},
): Promise<void> {
  for (const chunkBytes of [1, 2, 3, 7, Infinity]) {
    expect(await read(text, { chunkBytes, ...dialect })).toEqual(expected);
  }
}

describe('readCsvRecords', () => {
  test('reads quotes, line breaks in values, blank lines and both kinds of line ends', async () => {
    await expectRecords('a,b\r\n\r\n1,"x, ""y"""\n2,"two\nlines"\n\n\n3,\r\n4,é', [
      row(1, 'a', 'b'),
      row(3, '1', 'x, "y"'),
      row(4, '2', 'two\nlines'),
      row(8, '3', ''),
      row(9, '4', 'é'),
    ]);
  });

  test('an unclosed quote costs one line, also at the end of the file', async () => {
    await expectRecords('a,b\n1,"open\n2,two\n3,three\n', [
      row(1, 'a', 'b'),
      broken(2, 'broken_quotes'),
      row(3, '2', 'two'),
      row(4, '3', 'three'),
    ]);
    await expectRecords('a,b\n1,one\n2,"open', [
      row(1, 'a', 'b'),
      row(2, '1', 'one'),
      broken(3, 'broken_quotes'),
    ]);
  });

  test('does not merge the rows between two unrelated quotes', async () => {
    await expectRecords('a,b\n1,"open\n2,two\n3,"three"\n4,four\n', [
      row(1, 'a', 'b'),
      broken(2, 'broken_quotes'),
      row(3, '2', 'two'),
      row(4, '3', 'three'),
      row(5, '4', 'four'),
    ]);
  });

  test('rejects text after a closing quote', async () => {
    await expectRecords('a,b\n1,"x"y\n\n2,two\n', [
      row(1, 'a', 'b'),
      broken(2, 'broken_quotes'),
      row(4, '2', 'two'),
    ]);
  });

  test('accepts a quote inside an unquoted value', async () => {
    await expectRecords('a,b\n1,a 5" pipe\n2,say "hi"\n3,x', [
      row(1, 'a', 'b'),
      row(2, '1', 'a 5" pipe'),
      row(3, '2', 'say "hi"'),
      row(4, '3', 'x'),
    ]);
  });

  test('reports invalid UTF-8 and continues', async () => {
    const text = Buffer.concat([Buffer.from('a,b\n1,caf'), Buffer.from([0xe9]), Buffer.from('\n2,"é"\n')]);
    await expectRecords(text, [row(1, 'a', 'b'), broken(2, 'invalid_encoding'), row(3, '2', 'é')]);
  });

  test('reports a row that is too long and continues, with and without quotes', async () => {
    const long = 'x'.repeat(1.1 * 1024 ** 2);
    for (const value of [long, `"${long}"`, `"${long}`]) {
      const text = `a,b\n1,${value}\n2,two\n3,three`;
      const expected = [
        row(1, 'a', 'b'),
        { ...broken(2, 'row_too_long'), columns: 2 },
        row(3, '2', 'two'),
        row(4, '3', 'three'),
      ];
      expect(await read(text, { chunkBytes: 65_536 })).toEqual(expected);
      expect(await read(text)).toEqual(expected);
    }
  }, 30_000);

  test('accepts any delimiter of one character', async () => {
    await expectRecords('a;b\n1;x,y\n', [row(1, 'a', 'b'), row(2, '1', 'x,y')], { delimiter: ';' });
  });

  test('reads lines that end with a carriage return, and line feeds within values', async () => {
    const lineEnds = ['\r\n', '\n', '\r'];
    const text = 'a,b\r\r1,"two\nlines"\r2,"x"y\r3,z\r\n4,q\n5,"open\r6,end';
    const expected = [
      row(1, 'a', 'b'),
      row(3, '1', 'two\nlines'),
      broken(5, 'broken_quotes'),
      row(6, '3', 'z'),
      row(7, '4', 'q'),
      broken(8, 'broken_quotes'),
      row(9, '6', 'end'),
    ];
    await expectRecords(text, expected, { lineEnds });
  });

  test('reads quotation marks that are escaped with a backslash', async () => {
    const expected = [row(1, 'a', 'b'), row(2, '1', 'say "hi", \nthere'), row(4, '2', 'x')];
    await expectRecords('a,b\n1,"say \\"hi\\", \nthere"\n2,x', expected, { escape: '\\' });
  });

  test('accepts a row whose quotation marks are escaped in another way than those of the others', async () => {
    const text = 'a,b\n1,"a ""b"" c"\n2,"c \\"d\\" e"\n3,x';
    await expectRecords(text, [
      row(1, 'a', 'b'),
      row(2, '1', 'a "b" c'),
      row(3, '2', 'c "d" e'),
      row(4, '3', 'x'),
    ]);
  });

  test('an empty file has no records', async () => {
    expect(await read('')).toEqual([]);
    expect(await read('\n\n')).toEqual([]);
  });
});
