/** The languages whose names of months and weekdays are read. */
const LANGUAGES = ['en', 'fr', 'de', 'es', 'it', 'pt', 'nl'];

/** Abbreviations and spellings that the Unicode locale data (CLDR, behind `Intl`) do not have, without accents. */
const OTHER_MONTHS: readonly (readonly [number, string])[] = [
  [1, 'janner jaen jaenner'],
  [2, 'fev fevr feber'],
  [3, 'maerz maer mrz mrt'],
  [4, 'avr'],
  [6, 'junho'],
  [7, 'juill'],
  [9, 'sept sep'],
  [12, 'desember'],
];
const OTHER_WEEKDAYS: readonly (readonly [number, string])[] = [
  [1, 'mond'],
  [2, 'tues tue'],
  [3, 'weds wednes'],
  [4, 'thur thurs thu'],
];

/** The name in the form in which names are compared: small letters without accents and dots. */
export function nameKey(name: string): string {
  return name
    .normalize('NFD')
    .replaceAll(/[\p{M}.]/gu, '')
    .toLowerCase();
}

/** Numbers of months (1 to 12) by the key of their names. */
const MONTHS = namesOf('month', 12, OTHER_MONTHS);
/** Numbers of weekdays (0: Sunday) by the key of their names. A name may stand for several in different languages. */
const WEEKDAYS = namesOf('weekday', 7, OTHER_WEEKDAYS);

/** The month (1 to 12) that a name or an abbreviation stands for. */
export function monthOf(word: string): number | undefined {
  return MONTHS.get(nameKey(word))?.[0];
}

/** The weekdays (0: Sunday) that a name or an abbreviation may stand for; none when it is no weekday. */
export function weekdaysOf(word: string): readonly number[] {
  return WEEKDAYS.get(nameKey(word)) ?? [];
}

function namesOf(
  part: 'month' | 'weekday',
  count: number,
  others: readonly (readonly [number, string])[],
): ReadonlyMap<string, readonly number[]> {
  const numbers = new Map<string, number[]>();
  const add = (name: string, number: number) => {
    const key = nameKey(name);
    const known = numbers.get(key) ?? [];
    if (!known.includes(number)) numbers.set(key, [...known, number]);
  };
  for (const language of LANGUAGES) {
    for (const style of ['long', 'short'] as const) {
      // With the day, because some languages have another form of the month then.
      const formats = [
        new Intl.DateTimeFormat(language, { [part]: style, timeZone: 'UTC' }),
        new Intl.DateTimeFormat(language, { [part]: style, day: 'numeric', timeZone: 'UTC' }),
      ];
      for (let index = 0; index < count; index += 1) {
        // 1 October 2023 was a Sunday.
        const date = part === 'month' ? Date.UTC(2023, index, 1) : Date.UTC(2023, 9, 1 + index);
        for (const format of formats) {
          const name = format.formatToParts(date).find(({ type }) => type === part)?.value ?? '';
          if (/\p{L}/u.test(name)) add(name, part === 'month' ? index + 1 : index);
        }
      }
    }
  }
  for (const [number, names] of others) for (const name of names.split(' ')) add(name, number);
  return numbers;
}
