import type { PlainValue } from '../collector.ts';

/** What names of fields may not have in an update of MongoDB: dots, a dollar in front, the character zero. */
const UNSAFE_NAME = /^$|^\$|[.\0]/;

type Fields = Readonly<Record<string, PlainValue>>;

/** The same data with names that MongoDB takes; the columns of a table may be called anything. */
export function safeFields(fields: Fields): Fields {
  const safe = new Map<string, PlainValue>();
  for (const [name, value] of Object.entries(fields)) safe.set(safeName(name, safe), safeValue(value));
  return Object.fromEntries(safe);
}

function safeValue(value: PlainValue): PlainValue {
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  return isList(value) ? value.map(safeValue) : safeFields(value);
}

function safeName(name: string, taken: ReadonlyMap<string, unknown>): string {
  if (!UNSAFE_NAME.test(name) && !taken.has(name)) return name;
  const base = name.replace(/^\$/, '_').replaceAll(/[.\0]/g, '_') || '_';
  let candidate = base;
  for (let count = 2; taken.has(candidate); count += 1) candidate = `${base}_${String(count)}`;
  return candidate;
}

/** Stands for the empty name; any other `%` is followed by two digits. */
const EMPTY_NAME = '%';

/**
 * The state of a kind with names that MongoDB takes: states are often kept by address, and addresses have dots.
 * `readableState` gives back exactly what was there.
 */
export function writableState(state: unknown): unknown {
  return renamed(state, (name) =>
    name === '' ? EMPTY_NAME : name.replaceAll(/[%.\0]|^\$/g, (each) => `%${hexadecimal(each)}`),
  );
}

/** The state as its kind gave it. */
export function readableState(state: unknown): unknown {
  return renamed(state, (name) =>
    name === EMPTY_NAME ? '' : name.replaceAll(/%([0-9a-f]{2})/g, (_all, code: string) => character(code)),
  );
}

function renamed(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((each) => renamed(each, rename));
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [rename(name), renamed(field, rename)]),
  );
}

function hexadecimal(text: string): string {
  return text.charCodeAt(0).toString(16).padStart(2, '0');
}

function character(code: string): string {
  return String.fromCharCode(parseInt(code, 16));
}

function isList(value: PlainValue): value is readonly PlainValue[] {
  return Array.isArray(value);
}
