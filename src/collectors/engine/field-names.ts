import type { PlainValue } from '../collector.ts';

/** Field names that an update of MongoDB does not accept: empty, with a dot or NUL, or starting with a dollar sign. */
const UNSAFE_NAME = /^$|^\$|[.\0]/;

type Fields = Readonly<Record<string, PlainValue>>;

/** Renames fields where MongoDB does not accept the name; the columns of a table can have any name. */
export function safeFields(fields: Fields): Fields {
  return renameFields(fields, safeName) as Fields;
}

function safeName(name: string, taken: ReadonlyMap<string, unknown>): string {
  if (!UNSAFE_NAME.test(name) && !taken.has(name)) return name;
  const base = name.replace(/^\$/, '_').replaceAll(/[.\0]/g, '_') || '_';
  let candidate = base;
  for (let count = 2; taken.has(candidate); count += 1) candidate = `${base}_${String(count)}`;
  return candidate;
}

/** Encodes the empty name; every other `%` is followed by two hexadecimal digits. */
const EMPTY_NAME = '%';

/**
 * Percent-encodes field names of a collector's state for MongoDB: states are often keyed by URL, and URLs have dots.
 * `decodeState` restores the original exactly.
 */
export function encodeState(state: unknown): unknown {
  return renameFields(state, (name) =>
    name === ''
      ? EMPTY_NAME
      : name.replaceAll(/[%.\0]|^\$/g, (each) => `%${each.charCodeAt(0).toString(16).padStart(2, '0')}`),
  );
}

export function decodeState(state: unknown): unknown {
  return renameFields(state, (name) =>
    name === EMPTY_NAME
      ? ''
      : name.replaceAll(/%([0-9a-f]{2})/g, (_all, code: string) => String.fromCharCode(parseInt(code, 16))),
  );
}

function renameFields(
  value: unknown,
  rename: (name: string, taken: ReadonlyMap<string, unknown>) => string,
): unknown {
  if (Array.isArray(value)) return value.map((each) => renameFields(each, rename));
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  const renamed = new Map<string, unknown>();
  for (const [name, field] of Object.entries(value)) {
    renamed.set(rename(name, renamed), renameFields(field, rename));
  }
  return Object.fromEntries(renamed);
}
