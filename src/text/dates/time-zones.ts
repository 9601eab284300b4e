/**
 * Offsets in hours by name: UTC and the American zones of RFC 822 (section 5.1), European, African and other names that
 * stand for one zone in practice. Names that stand for several (IST: India, Ireland, Israel) are left out.
 */
const OFFSET_HOURS = new Map<string, number>([
  ...named(0, 'Z UT UTC GMT WET'),
  ...named(1, 'WEST BST CET MET MEZ WAT'),
  ...named(2, 'CEST MEST MESZ EET CAT SAST'),
  ...named(3, 'EEST MSK EAT TRT'),
  ...named(4, 'GST'),
  ...named(5, 'PKT'),
  ...named(7, 'WIB ICT'),
  ...named(8, 'HKT SGT AWST PHT'),
  ...named(9, 'JST KST'),
  ...named(9.5, 'ACST'),
  ...named(10, 'AEST'),
  ...named(10.5, 'ACDT'),
  ...named(11, 'AEDT'),
  ...named(12, 'NZST'),
  ...named(13, 'NZDT'),
  ...named(-3, 'BRT ART ADT'),
  ...named(-3.5, 'NST'),
  ...named(-2.5, 'NDT'),
  ...named(-4, 'AST EDT'),
  ...named(-5, 'EST CDT'),
  ...named(-6, 'CST MDT'),
  ...named(-7, 'MST PDT'),
  ...named(-8, 'PST AKDT'),
  ...named(-9, 'AKST'),
  ...named(-10, 'HST'),
]);
/** Names without summer time: the offset depends on the date. */
const GENERIC_ZONES = new Map([
  ['AT', 'America/Halifax'],
  ['ET', 'America/New_York'],
  ['CT', 'America/Chicago'],
  ['MT', 'America/Denver'],
  ['PT', 'America/Los_Angeles'],
]);
/** In use: from UTC-12 to UTC+14. */
const MIN_OFFSET_MINUTES = -12 * 60;
const MAX_OFFSET_MINUTES = 14 * 60;

const formats = new Map<string, Intl.DateTimeFormat>();

/** How far local time is ahead of UTC in a zone. */
export type TimeZone = { readonly offsetMinutes: number } | { readonly format: Intl.DateTimeFormat };

/** The zone of a name of RFC 822, another name in common use, or the IANA database. */
export function timeZoneOf(name: string): TimeZone | undefined {
  const hours = OFFSET_HOURS.get(name.toUpperCase());
  if (hours !== undefined) return { offsetMinutes: hours * 60 };
  // RFC 5322, section 4.3: the military letters were defined with the wrong sign and say nothing.
  if (/^[a-ik-y]$/i.test(name)) return { offsetMinutes: 0 };
  const format = formatOf(GENERIC_ZONES.get(name.toUpperCase()) ?? name);
  return format === undefined ? undefined : { format };
}

/** The zone of an offset such as `+01`, `-0500`, `+5:30`; undefined when there is no such zone. */
export function timeZoneOfOffset(text: string): TimeZone | undefined {
  const [, sign = '', hours = '', minutes = '0'] = /^([+−-])(\d{1,2}):?(\d{2})?$/.exec(text) ?? [];
  const size = Number(hours) * 60 + Number(minutes);
  const offsetMinutes = sign === '+' ? size : -size;
  const isInUse = offsetMinutes >= MIN_OFFSET_MINUTES && offsetMinutes <= MAX_OFFSET_MINUTES;
  return hours !== '' && Number(minutes) < 60 && isInUse ? { offsetMinutes } : undefined;
}

/** The time in UTC of a local time, both in milliseconds since 1970. */
export function toUtcMs(localMs: number, zone: TimeZone): number {
  if ('offsetMinutes' in zone) return localMs - zone.offsetMinutes * 60_000;
  // The offset at the local time taken as UTC may be that of the other side of a clock change.
  const guess = localMs - offsetMsAt(localMs, zone.format);
  return localMs - offsetMsAt(guess, zone.format);
}

function offsetMsAt(utcMs: number, format: Intl.DateTimeFormat): number {
  const parts = new Map(format.formatToParts(utcMs).map(({ type, value }) => [type, Number(value)]));
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0;
  const local = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return local - Math.floor(utcMs / 1000) * 1000;
}

function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  // Names of the database have a slash; Intl also accepts short ones such as `EST`, with another meaning.
  if (!zone.includes('/')) return undefined;
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
      ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
      hourCycle: 'h23',
      timeZone: zone,
    });
    formats.set(zone, format);
    return format;
  } catch {
    return undefined;
  }
}

function named(hours: number, names: string): [string, number][] {
  return names.split(' ').map((name) => [name, hours]);
}
