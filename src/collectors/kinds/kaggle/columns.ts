/** Names that mean something else to JavaScript objects, and that mongoose leaves out for that reason. */
const RESERVED = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Makes names for the columns of a file: trimmed, none empty and none twice. What else MongoDB does not take in names
 * is the engine's concern.
 */
export function columnNames(header: readonly string[]): string[] {
  const taken = new Set<string>();
  return header.map((text, index) => {
    const trimmed = text.trim();
    const isUnfit = trimmed === '' || RESERVED.has(trimmed);
    const name = isUnfit ? `column_${String(index + 1)}${trimmed}` : trimmed;
    let distinct = name;
    for (let count = 2; taken.has(distinct); count += 1) distinct = `${name}_${String(count)}`;
    taken.add(distinct);
    return distinct;
  });
}

/**
 * Where a column is that settings name, as the header of the file has it or as documents do.
 * @returns -1 when the file does not have it
 */
export function columnIndex(column: string, header: readonly string[], names: readonly string[]): number {
  const index = header.findIndex((text) => text.trim() === column.trim());
  return index === -1 ? names.indexOf(column) : index;
}
