import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readDate } from './read-date.ts';

const read = (text: string) => {
  const reading = readDate(text);
  return 'date' in reading ? reading.date.toISOString() : reading.problem;
};

describe('readDate', () => {
  test.each([
    // ISO 8601, RFC 3339, W3C-DTF
    ['2026-11-21T10:00:00+01:00', '2026-11-21T09:00:00.000Z'],
    ['2026-11-21T10:00:00.1234Z', '2026-11-21T10:00:00.123Z'],
    ['2026-11-21T10:00:00+01:00[Europe/Paris]', '2026-11-21T09:00:00.000Z'],
    ['2026-11-21T24:00:00Z', '2026-11-22T00:00:00.000Z'],
    ['2026-11-21 10:00', '2026-11-21T10:00:00.000Z'],
    ['2026-11-21', '2026-11-21T00:00:00.000Z'],
    ['2026/11/21 10:00', '2026-11-21T10:00:00.000Z'],
    ['20261121T100000Z', '2026-11-21T10:00:00.000Z'],
    ['20261121100000', '2026-11-21T10:00:00.000Z'],
    ['2026-11', '2026-11-01T00:00:00.000Z'],
    ['2026', '2026-01-01T00:00:00.000Z'],
    // RFC 822 and RFC 850, and how they are written
    ['Sat, 21 Nov 2026 10:00:00 GMT', '2026-11-21T10:00:00.000Z'],
    ['21 Nov 26 10:00 UT', '2026-11-21T10:00:00.000Z'],
    ['Saturday, 21-Nov-26 10:00:00 GMT', '2026-11-21T10:00:00.000Z'],
    ['Sat Nov 21 10:00:00 2026', '2026-11-21T10:00:00.000Z'],
    ['Sat Nov 21 10:00:00 +0100 2026', '2026-11-21T09:00:00.000Z'],
    ['Sat,21 Nov 2026 10:00:00 -0000', '2026-11-21T10:00:00.000Z'],
    ['Thurs, 15 Oct 2026 00:00:39 +0000', '2026-10-15T00:00:39.000Z'],
    ['Mon, 16th Nov 2026 13:16:28 GMT', '2026-11-16T13:16:28.000Z'],
    ['Nov. 16, 2026, 10:57 a.m.', '2026-11-16T10:57:00.000Z'],
    ['Friday, December 22, 2026 - 3:09pm', '2026-12-22T15:09:00.000Z'],
    ['June 8, 2026 at 12:05 AM', '2026-06-08T00:05:00.000Z'],
    ['Nov. 2026', '2026-11-01T00:00:00.000Z'],
    // French
    ['jeu., 02 avril 2020', '2020-04-02T00:00:00.000Z'],
    ['ven., 03 juil. 2020 15:09:58 +0000', '2020-07-03T15:09:58.000Z'],
    ['26 août 2026 10:00', '2026-08-26T10:00:00.000Z'],
    ['Vendredi, 13 Mars, 2020 - 12:22', '2020-03-13T12:22:00.000Z'],
    ['mar., 01 déc. 2020 16:11:02 +0000', '2020-12-01T16:11:02.000Z'],
    ['MARDI 1ER FEVRIER 2022 A 9H05', '2022-02-01T09:05:00.000Z'],
    ['Publié le 26 août 2026 à 10h30', '2026-08-26T10:30:00.000Z'],
    // German
    ['Do, 29 Mär 2018 00:00:00 +0200', '2018-03-28T22:00:00.000Z'],
    ['Mo, 2. Dezember 2019 um 9 Uhr', '2019-12-02T09:00:00.000Z'],
    ['Dienstag, 3. März 2026, 14.05 Uhr', '2026-03-03T14:05:00.000Z'],
    ['1. Jänner 2026', '2026-01-01T00:00:00.000Z'],
    ['03.04.2026', '2026-04-03T00:00:00.000Z'],
    // Others
    ['3 de mayo de 2026', '2026-05-03T00:00:00.000Z'],
    ['1784635200', '2026-07-21T12:00:00.000Z'],
    ['1784635200123', '2026-07-21T12:00:00.123Z'],
    // Clear in numbers
    ['25/12/2026', '2026-12-25T00:00:00.000Z'],
    ['12/25/2026 4:20 pm', '2026-12-25T16:20:00.000Z'],
    ['04/04/2026', '2026-04-04T00:00:00.000Z'],
    ['Sat, 11/04/2020', '2020-04-11T00:00:00.000Z'],
    ['Sat, 11 04 2020 08:51:49 +0100', '2020-04-11T07:51:49.000Z'],
    // Notes and invisible characters
    ['Thu Nov 12 2020 17:00:00 GMT+0000 (Coordinated Universal Time)', '2020-11-12T17:00:00.000Z'],
    ['2026-11-21 10:00 (CET)', '2026-11-21T09:00:00.000Z'],
    ['\u200E21\u00A0November\u202F2026\n', '2026-11-21T00:00:00.000Z'],
  ])('reads %j', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  test.each([
    ['GMT', 10],
    ['Z', 10],
    ['EST', 15],
    ['EDT', 14],
    ['CST', 16],
    ['CDT', 15],
    ['MST', 17],
    ['MDT', 16],
    ['PST', 18],
    ['PDT', 17],
    ['A', 10],
    ['+01', 9],
    ['+0100', 9],
    ['+1:00', 9],
    ['GMT+1', 9],
    ['UTC-01:00', 11],
    ['CET', 9],
    ['MESZ', 8],
    ['PT', 18],
    ['-05:00Z', 15],
    ['Europe/Paris', 9],
    ['America/Los_Angeles', 18],
    ['Etc/GMT', 10],
  ])('takes the zone %s into account', (zone, hour) => {
    expect(read(`Sat, 21 Nov 2026 10:00:00 ${zone}`)).toBe(
      `2026-11-21T${String(hour).padStart(2, '0')}:00:00.000Z`,
    );
  });

  test.each([
    ['', 'no_date'],
    [' \u200B ', 'no_date'],
    ['x 2026', 'unknown_date_format'],
    ['X 2026', 'unknown_date_format'],
    ['yesterday', 'unknown_date_format'],
    ['3 mai', 'unknown_date_format'],
    ['10:30', 'unknown_date_format'],
    ['vendredi', 'unknown_date_format'],
    ['May', 'unknown_date_format'],
    ['12', 'unknown_date_format'],
    ['12345', 'unknown_date_format'],
    ['Episode 12 of 2026', 'unknown_date_format'],
    ['10 mai 2026 - 12 mai 2026', 'unknown_date_format'],
    ['2013-01-27-01', 'unknown_date_format'],
    ['Sun, 16 Dec 2012 1:2:3:4 GMT', 'unknown_date_format'],
    ['Sun, 16 zzz 2012 11:47:32 GMT', 'unknown_date_format'],
    ['2013-01-28T11:30:00-06:00Textra', 'unknown_date_format'],
    ['2026-11-21 '.repeat(1000), 'unknown_date_format'],
    ['03/04/2026', 'ambiguous_date'],
    ['3-4-2026 10:00', 'ambiguous_date'],
    ['03-12-31', 'ambiguous_date'],
    ['Mon, 03/04/2026', 'ambiguous_date'],
    ['31 February 2026', 'impossible_date'],
    ['31/02/2026', 'impossible_date'],
    ['29 février 2023', 'impossible_date'],
    ['2026-02-30', 'impossible_date'],
    ['2026-06-31T10:00:00Z', 'impossible_date'],
    ['2026-11-21T25:00:00Z', 'impossible_date'],
    ['2026-11-21T10:61:00Z', 'impossible_date'],
    ['21 Nov 2026 13:00 am', 'impossible_date'],
    ['0000-00-00 00:00:00', 'impossible_date'],
    ['Sat, 21 Nov 2026 10:00:00 IST', 'unknown_time_zone'],
    ['Sat, 21 Nov 2026 10:00:00 +15:00', 'unknown_time_zone'],
    ['Sat, 21 Nov 2026 10:00:00 Europe/Nowhere', 'unknown_time_zone'],
  ])('refuses %j: %s', (text, problem) => {
    expect(read(text)).toBe(problem);
  });

  test('takes the order of day and month from the source', () => {
    expect(readDate('03/04/2026', { dateOrder: 'dmy' })).toEqual({ date: new Date('2026-04-03') });
    expect(readDate('03/04/26', { dateOrder: 'mdy' })).toEqual({ date: new Date('2026-03-04') });
    expect(readDate('2026-04-03', { dateOrder: 'mdy' })).toEqual({ date: new Date('2026-04-03') });
    // The source is not as the settings say.
    expect(readDate('10/30/2026', { dateOrder: 'dmy' })).toEqual({ problem: 'impossible_date' });
  });

  test('does not depend on the time zone of the process', () => {
    const zone = process.env['TZ'];
    process.env['TZ'] = 'America/New_York';
    try {
      expect(read('Sat, 21 Nov 2026 10:00:00')).toBe('2026-11-21T10:00:00.000Z');
      expect(read('2026-11-21T10:00:00')).toBe('2026-11-21T10:00:00.000Z');
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
  });

  test.each(['en-US', 'en-GB', 'fr', 'de', 'es', 'it', 'pt', 'nl'])(
    'reads what Intl writes in %s',
    (locale) => {
      const day = fc.date({ min: new Date('1990-01-01'), max: new Date('2099-12-31'), noInvalidDate: true });
      fc.assert(
        fc.property(day, fc.constantFrom('full', 'long', 'medium'), (date, dateStyle) => {
          const text = new Intl.DateTimeFormat(locale, { dateStyle, timeZone: 'UTC' }).format(date);
          expect([text, read(text).slice(0, 10)]).toEqual([text, date.toISOString().slice(0, 10)]);
        }),
        { numRuns: 200 },
      );
    },
  );

  test('answers for any text, and soon', () => {
    const piece = fc.constantFrom(
      '2026',
      '-',
      '/',
      '.',
      ':',
      ' ',
      '1',
      'mar',
      '(',
      '[',
      '+',
      'T',
      'Z',
      'août',
      '1'.repeat(5000),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 300 }), (pieces) => {
        const begun = performance.now();
        readDate(pieces.join(''));
        expect(performance.now() - begun).toBeLessThan(100);
      }),
    );
  });
});
