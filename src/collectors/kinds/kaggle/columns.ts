/** Names with a special meaning in JavaScript objects; mongoose drops fields with these names. */
const RESERVED = new Set(['__proto__', 'constructor', 'prototype']);

/** More columns are no table, and no document. */
export const MAX_COLUMNS = 50_000;

/**
 * The names of the columns of a file: trimmed, not empty, unique. The engine replaces other names that MongoDB does not
 * accept.
 */
export function columnNames(header: readonly string[]): string[] {
  /** The number of the next column with this name. */
  const taken = new Map<string, number>();
  return header.map((text, index) => {
    const trimmed = text.trim();
    const isUnfit = trimmed === '' || RESERVED.has(trimmed);
    const name = isUnfit ? `column_${String(index + 1)}${trimmed}` : trimmed;
    let distinct = name;
    let count = taken.get(name) ?? 1;
    for (; taken.has(distinct); count += 1) distinct = `${name}_${String(count + 1)}`;
    taken.set(name, count).set(distinct, taken.get(distinct) ?? 1);
    return distinct;
  });
}

/**
 * The index of a column. The settings may use its name in the header of the file or its name in documents.
 * @returns -1 when the file has no such column
 */
export function columnIndex(column: string, header: readonly string[], names: readonly string[]): number {
  const index = header.findIndex((text) => text.trim() === column.trim());
  return index === -1 ? names.indexOf(column) : index;
}
