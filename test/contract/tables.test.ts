import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readTable } from '../../src/collectors/kinds/kaggle/read-table.ts';
import { settingsSchema } from '../../src/collectors/kinds/kaggle/settings.ts';
import { zipArchive } from '../../local/upstreams/zip-archive.ts';

interface Table {
  readonly rows: unknown[];
  /** Reason and place of what was rejected. */
  readonly rejected: string[];
  readonly notes: string[];
}

async function readWhole(
  content: string | Buffer,
  settings: Readonly<Record<string, unknown>> = {},
  chunkBytes = 64 * 1024,
): Promise<Table> {
  const bytes = Buffer.from(content);
  async function* chunks() {
    await Promise.resolve();
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  }
  const [dataset] = settingsSchema.parse({ datasets: [{ ref: 'o/d', ...settings }] }).datasets;
  if (dataset === undefined) throw new Error('There is one.');
  const table: Table = { rows: [], rejected: [], notes: [] };
  const file = { type: 'file', name: 't.csv', content: chunks() } as const;
  const origin = { dataset, file: 't.csv', version: 1, licence: undefined, dateOrder: undefined };
  for await (const items of readTable(file, origin)) {
    for (const item of items) {
      if (item.type === 'document') table.rows.push(item.payload?.['row']);
      else if (item.type === 'note') table.notes.push(item.text);
      else if (item.type === 'rejected')
        table.rejected.push(`${item.reason} ${item.detail?.replace('o/d/t.csv, ', '') ?? ''}`);
    }
  }
  return table;
}

/** However the file arrives, it gives the same. */
async function read(content: string | Buffer, settings?: Readonly<Record<string, unknown>>): Promise<Table> {
  const table = await readWhole(content, settings);
  expect(await readWhole(content, settings, 70_001)).toEqual(table);
  return table;
}

const rowsOf = (...rows: unknown[]): Table => ({ rows, rejected: [], notes: [] });
const AB = rowsOf({ a: '1', b: 'x' }, { a: '2', b: 'y' });

describe('lines and delimiters', () => {
  test.each([
    ['line feeds', 'a,b\n1,x\n2,y\n'],
    ['carriage returns only', 'a,b\r1,x\r2,y\r'],
    ['carriage returns, without an end of the last line', 'a,b\r1,x\r2,y'],
    ['both', 'a,b\r\n1,x\r\n2,y\r\n'],
    ['mixed ends', 'a,b\r1,x\r2,y\r\n'],
    ['a separator line', 'sep=;\na;b\n1;x\n2;y\n'],
    ['a separator line with carriage returns and a mark', '\uFEFFsep=;\ra;b\r1;x\r2;y\r'],
    ['a quoted separator line', '"sep=|"\r\na|b\r\n1|x\r\n2|y\r\n'],
    ['a separator line that contradicts the looks', 'SEP=,\na,b\n1,x\n2,y\n'],
    ['tabs', 'a\tb\n1\tx\n2\ty\n'],
    ['blank lines at the beginning', '\n\r\n\na,b\n1,x\n2,y\n'],
    ['delimiters at the end of each row', 'a,b\n1,x,\n2,y,\n'],
  ])('with %s', async (_name, text) => {
    expect(await read(text)).toEqual(AB);
  });

  test('UTF-16 with a separator line', async () => {
    expect(await read(Buffer.from('\uFEFFsep=;\r\na;b\r\n1;x\r\n2;y\r\n', 'utf16le'))).toEqual(AB);
  });

  test('decimal commas between semicolons', async () => {
    const { rows } = await read('a;b\n1,5;2,5\n3,5;4,5\n7,5;8,5\n');
    expect(rows).toHaveLength(3);
    expect(rows[0]).toEqual({ a: '1,5', b: '2,5' });
  });

  test('a carriage return within a value is no line end where line feeds are', async () => {
    expect((await read('a,b\n1,x\ry\n2,z\n3,z\n')).rows[0]).toEqual({ a: '1', b: 'x\ry' });
  });
});

describe('quotation marks', () => {
  test.each([
    ['doubled', 'a,b\n1,"say ""hi"", he"\n2,y\n3,z\n'],
    ['with a backslash', 'a,b\n1,"say \\"hi\\", he"\n2,y\n3,z\n'],
    ['with a backslash between semicolons', 'a;b\n1;"say \\"hi\\", he"\n2;y\n3;z\n'],
  ])('escaped: %s', async (_name, text) => {
    const { rows, rejected } = await read(text);
    expect(rejected).toEqual([]);
    expect(rows[0]).toEqual({ a: '1', b: 'say "hi", he' });
    expect(rows).toHaveLength(3);
  });

  test('a backslash before the quote that ends a value', async () => {
    expect(await read('a,b\n"C:\\x\\",y\n"D:\\",z\n"E:\\",q\n')).toMatchObject({
      rows: [{ a: 'C:\\x\\' }, { a: 'D:\\' }, { a: 'E:\\' }],
      rejected: [],
    });
  });

  test('the other way in a later row, beyond what was looked at', async () => {
    const many = Array.from({ length: 9_000 }, (_value, index) => `${String(index)},"a ""b"""\n`).join('');
    const { rows, rejected } = await read(`a,b\n${many}x,"c \\"d\\" e"\ny,z\n`);
    expect(rejected).toEqual([]);
    expect(rows.slice(-2)).toEqual([
      { a: 'x', b: 'c "d" e' },
      { a: 'y', b: 'z' },
    ]);
  });
});

describe('what stands above the column names', () => {
  const body = 'id,name,amount\n1,Ada,2\n2,Eve,3\n3,Bo,4\n';
  test.each([
    ['a title', `Sales report\n${body}`, 2],
    ['a title, a date and a blank line', `Sales report\n2026-01-01\n\n${body}`, 4],
    ['a title with delimiters after it', `Sales report,,\n${body}`, 2],
    ['a quoted title with a comma', `"Sales, all"\n,,\n${body}`, 3],
    ['a title with a quotation mark', `The "best" sales\n${body}`, 2],
    ['a title with an apostrophe and carriage returns', `It's sales\n${body}`.replaceAll('\n', '\r'), 2],
  ])('%s is left out, and the run says so', async (_name, text, line) => {
    expect(await read(text)).toEqual({
      rows: [
        { id: '1', name: 'Ada', amount: '2' },
        { id: '2', name: 'Eve', amount: '3' },
        { id: '3', name: 'Bo', amount: '4' },
      ],
      rejected: [],
      notes: [`t.csv has its column names in line ${String(line)}; what stands above is left out`],
    });
  });

  test('column names of which some are empty or shorter than rows stay the header', async () => {
    const unnamed = await read('a,,\n1,2,3\n4,5,6\n');
    expect([unnamed.rows.length, unnamed.notes]).toEqual([2, []]);
    expect(await read('a,b\n1,x,\n2,y,\n')).toEqual(AB);
    const short = await read('x,y\n"r1",1,2\n"r2",3,4\n');
    expect(short).toMatchObject({ rows: [], notes: [] });
    expect(short.rejected).toHaveLength(2);
  });
});

describe('one column', () => {
  test.each([
    ['commas in prose', 'comment\nWell, I think so\nYes, no, maybe\nNothing\nOh, no\nFine\n'],
    ['one comma in each text', 'comment\nDoe, John\nRoe, Jane\nPoe, Edgar\n'],
    ['semicolons in prose', 'comment\nOne; two\nThree\nFour; five; six\nSeven\n'],
    ['prose that ends with returns', 'comment\rWell, I think so\rYes, no, maybe\rNo\r'],
    ['quoted and plain texts', 'comment\n"Well, I ""think"" so"\nYes, no, maybe\nNo\n'],
    ['no delimiter', 'comment\nAda\nGrace\n'],
  ])('with %s', async (_name, text) => {
    const { rows, rejected, notes } = await read(text);
    expect([rejected, notes]).toEqual([[], []]);
    expect(rows).toHaveLength(text.split(/[\r\n]+/).length - 2);
    expect(rows.every((row) => Object.keys(row as object).join() === 'comment')).toBe(true);
  });
});

describe('bytes that are no UTF-8', () => {
  const good = 'a,b\n1,été\n2,naïve\n';
  const bad = Buffer.concat([
    Buffer.from(good),
    Buffer.from('3,caf\xe9\n', 'latin1'),
    Buffer.from('4,garçon\n'),
  ]);

  test.each(['auto', 'utf-8'])('cost one row (encoding: %s)', async (encoding) => {
    expect(await read(bad, { encoding })).toEqual({
      rows: [
        { a: '1', b: 'été' },
        { a: '2', b: 'naïve' },
        { a: '4', b: 'garçon' },
      ],
      rejected: ['invalid_encoding line 4'],
      notes: [],
    });
  });

  test('never turn rows in UTF-8 into others, wherever they stand', async () => {
    const plain = '5,plain\n'.repeat(20_000);
    const rest = '6,été\n7,naïve\n8,garçon\n9,Été\n';
    const early = Buffer.concat([Buffer.from('a,b\n3,caf\xe9\n', 'latin1'), Buffer.from(`${plain}${rest}`)]);
    const { rows } = await read(early);
    expect(rows.slice(-4)).toEqual([
      { a: '6', b: 'été' },
      { a: '7', b: 'naïve' },
      { a: '8', b: 'garçon' },
      { a: '9', b: 'Été' },
    ]);
    const late = Buffer.concat([early, Buffer.from('1,caf\xe9\n', 'latin1')]);
    expect((await read(late)).rejected).toEqual(['invalid_encoding line 20007']);
  });

  test('are Latin-1 where all are', async () => {
    const latin1 = Buffer.from(`${good}${'3,café\n'.repeat(20_000)}`, 'latin1');
    const { rows, rejected } = await read(latin1);
    expect([rows.length, rejected]).toEqual([20_002, []]);
    expect([rows[0], rows.at(-1)]).toEqual([
      { a: '1', b: 'été' },
      { a: '3', b: 'café' },
    ]);
    expect((await read(Buffer.from('a,b\r1,été\r', 'latin1'))).rows).toEqual([{ a: '1', b: 'été' }]);
  });
});

describe('what is no table is refused with its reason', () => {
  test.each([
    [
      '200,000 columns',
      Array.from({ length: 200_000 }, (_v, i) => `column ${String(i)}`).join(','),
      'too_many_columns line 1: 200000 columns, at most 50000 are read',
    ],
    [
      '200,000 empty columns',
      ','.repeat(199_999),
      'too_many_columns line 1: 200000 columns, at most 50000 are read',
    ],
    [
      '200,000 equal columns',
      'a,'.repeat(199_999),
      'too_many_columns line 1: 200000 columns, at most 50000 are read',
    ],
    [
      'a line without end',
      'x'.repeat(3_000_000),
      'no_header line 1: the column names cannot be read (row_too_long)',
    ],
    [
      'an archive in ZIP',
      zipArchive([{ name: 'a.csv', content: Buffer.from('a\n1\n') }]),
      'nested_archive o/d/t.csv',
    ],
    ['an archive in gzip', gzipSync('a\n1\n'), 'nested_archive o/d/t.csv'],
    ['zeros', Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(5_000)]), 'not_text o/d/t.csv'],
    ['nothing', '', 'no_header o/d/t.csv'],
    ['blank lines', '\n\n\n', 'no_header o/d/t.csv'],
  ])('%s', async (_name, content, reason) => {
    expect(await readWhole(content)).toEqual({ rows: [], rejected: [reason], notes: [] });
  });

  test('many columns that are not too many', async () => {
    const header = 'a,'.repeat(19_999) + 'b';
    const { rows } = await readWhole(`${header}\n${'1,'.repeat(19_999)}2\n`);
    expect(Object.keys(rows[0] as object)).toHaveLength(20_000);
  });
});

const word = fc.stringMatching(/^[a-z]{1,8}$/);
const value = fc.string({
  unit: fc.constantFrom('a', 'b', '7', ' ', ',', ';', '|', '\t', '"', '\n', 'é'),
  maxLength: 8,
});
const table = fc.record({
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
  escape: fc.constantFrom('"' as const, '\\' as const),
  lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
  titles: fc.array(fc.stringMatching(/^[A-Z][a-z ]{0,20}$/), { maxLength: 3 }),
  hasSeparatorLine: fc.boolean(),
  names: fc.uniqueArray(word, { minLength: 3, maxLength: 6 }),
  rows: fc.array(fc.array(value, { minLength: 6, maxLength: 6 }), { minLength: 12, maxLength: 30 }),
});

test('any table is read as it was written', async () => {
  const property = fc.asyncProperty(table, async (parts) => {
    const { delimiter, escape, lineEnd, titles, hasSeparatorLine, names, rows } = parts;
    const written = (each: string) =>
      /[",;|\t\n]/.test(each) ? `"${each.replaceAll('"', `${escape}"`)}"` : each;
    const values = rows.map((row) => row.slice(0, names.length));
    const lines = [
      ...(hasSeparatorLine ? [`sep=${delimiter}`] : []),
      ...titles,
      names.join(delimiter),
      ...values.map((row) => row.map(written).join(delimiter)),
    ];
    const found = await readWhole(`${lines.join(lineEnd)}${lineEnd}`);
    expect(found.rejected).toEqual([]);
    expect(found.rows).toEqual(
      values.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index]]))),
    );
    const headerLine = titles.length + 1 + Number(hasSeparatorLine);
    expect(found.notes).toEqual(
      titles.length === 0 ? [] : [expect.stringContaining(`in line ${String(headerLine)};`)],
    );
  });
  await fc.assert(property, { numRuns: 300 });
});
