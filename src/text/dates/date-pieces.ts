import { monthOf, nameKey, weekdaysOf } from './date-names.ts';
import { timeZoneOf, timeZoneOfOffset, type TimeZone } from './time-zones.ts';

export interface ClockTime {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly ms: number;
  readonly half?: 'am' | 'pm';
}

/** Words beside a date that change nothing, by their `nameKey`: English, French, German, Spanish, Italian. */
const FILLERS = new Set(
  `the of on at le la du au a de del um uhr den der am vom el il date
  publie publiee paru parue published posted veroffentlicht`.split(/\s+/),
);

/** What was found so far. */
export interface Scan {
  numbers: string[];
  separator: string | undefined;
  words: string[];
  time: ClockTime | undefined;
  zone: TimeZone | undefined;
  hasUnknownZone: boolean;
}

/** A piece of a date, and what it adds. The function returns false when the piece cannot stand there. */
type Rule = readonly [pattern: RegExp, add: (scan: Scan, match: RegExpExecArray) => boolean];

/** Tried in this order at each position of the text, which is short. */
export const DATE_PIECES: readonly Rule[] = [
  // Elsewhere the sign stands between two numbers.
  [
    /[+−-]\d{1,2}(?::?\d{2})?(?!\d)/uy,
    (scan, [text]) => {
      if (scan.time === undefined && scan.zone === undefined) return false;
      // After a name (`GMT+1`) the offset says more.
      scan.zone = timeZoneOfOffset(text);
      scan.hasUnknownZone ||= scan.zone === undefined;
      return true;
    },
  ],
  [/[\s,;|·•–—@.]{1,100}|[-:](?!\d)/uy, () => true],
  [
    /(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?![\d:])/uy,
    (scan, [, hour, minute, second, fraction]) => setTime(scan, clockTime(hour, minute, second, fraction)),
  ],
  // `10h30`, `10 h`, `9 Uhr`, `16.04 Uhr`
  [
    /(\d{1,2})(?:\.(\d{2}))? ?(?:h(?: ?(\d{2}))?|uhr)(?![\p{L}\d])/iuy,
    (scan, [, hour, dotted, minute = dotted]) => setTime(scan, clockTime(hour, minute)),
  ],
  // `4pm`
  [
    /(\d{1,2}) ?([ap]m|[ap]\.m\.)(?![\p{L}\d])/iuy,
    (scan, [, hour, half = '']) => setTime(scan, { ...clockTime(hour), half: halfOf(nameKey(half)) ?? 'am' }),
  ],
  [
    /(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})(?![\d/])/uy,
    (scan, [, first = '', separator, second = '', third = '']) =>
      setNumbers(scan, [first, second, third], separator),
  ],
  // W3C-DTF
  [/(\d{4})-(\d{2})(?![\d-])/uy, (scan, [, year = '', month = '']) => setNumbers(scan, [year, month], '-')],
  [
    /(\d{1,8})(?:(?:st|nd|rd|th|er|º)(?!\p{L}))?(?!\d)/iuy,
    (scan, [, number = '']) => {
      scan.numbers.push(number);
      return scan.numbers.length <= 3;
    },
  ],
  // `21-Nov-26`
  [/-/uy, ({ numbers, words }) => numbers.length + words.length > 0],
  [/\p{L}{1,30}(?:\/[\p{L}_+-]{1,30}\d{0,2}){1,2}/uy, (scan, [name]) => setZone(scan, timeZoneOf(name))],
  [/\p{L}[\p{L}\p{M}.'’]{0,30}(?:-feira)?/uy, (scan, [word]) => addWord(scan, word)],
];

function addWord(scan: Scan, word: string): boolean {
  const key = nameKey(word);
  const half = halfOf(key);
  if (half !== undefined && scan.time !== undefined && scan.time.half === undefined) {
    scan.time = { ...scan.time, half };
    return true;
  }
  // `16:31 AT` is Atlantic time.
  const isZone = scan.time !== undefined && word.length > 1 && word === word.toUpperCase();
  // ISO 8601 has a T before the time.
  if ((!isZone && FILLERS.has(key)) || (key === 't' && scan.time === undefined)) return true;
  if (monthOf(word) !== undefined || weekdaysOf(word).length > 0) {
    scan.words.push(word);
    return true;
  }
  const isUniversal = /^(?:z|utc|gmt)$/.test(key);
  // Zones are written in capitals: `est` is also a French word. Without a time they are names of something else.
  if (!isUniversal && (word !== word.toUpperCase() || scan.time === undefined)) return false;
  return setZone(scan, timeZoneOf(word.replace(/\.$/, '')));
}

function setTime(scan: Scan, time: ClockTime): boolean {
  if (scan.time !== undefined) return false;
  scan.time = time;
  return true;
}

function setNumbers(scan: Scan, numbers: string[], separator: string | undefined): boolean {
  if (scan.numbers.length > 0) return false;
  scan.numbers = numbers;
  scan.separator = separator;
  return true;
}

/** A Z after an offset changes nothing: some programs write one after each. */
function setZone(scan: Scan, zone: TimeZone | undefined): boolean {
  scan.zone ??= zone;
  scan.hasUnknownZone ||= zone === undefined;
  return true;
}

function halfOf(key: string): 'am' | 'pm' | undefined {
  return key === 'am' || key === 'pm' ? key : undefined;
}

/** @param fraction the digits behind the decimal point of the seconds */
export function clockTime(hour = '0', minute = '0', second = '0', fraction = '0'): ClockTime {
  return {
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    ms: Math.trunc(Number(`0.${fraction}`) * 1000),
  };
}
