/** Names that mean something else to JavaScript objects, and that mongoose leaves out for that reason. */
const RESERVED = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Makes names for the columns of a file that can be field names in MongoDB: trimmed, no `.`, no `$` in front, no
 * NUL, none empty and none twice.
 */
export function columnNames(header: readonly string[]): string[] {
  const taken = new Set<string>();
  return header.map((text, index) => {
    const cleaned = text.replaceAll('\0', '').trim().replaceAll('.', '_').replace(/^\$/, '_');
    const name = cleaned === '' || RESERVED.has(cleaned) ? `column_${String(index + 1)}${cleaned}` : cleaned;
    let distinct = name;
    for (let count = 2; taken.has(distinct); count += 1) distinct = `${name}_${String(count)}`;
    taken.add(distinct);
    return distinct;
  });
}

/**
 * Where the columns are that settings name, as the header of the file has them or as documents do.
 * @returns -1 for a column that the file does not have.
 */
export function columnIndex(column: string, header: readonly string[], names: readonly string[]): number {
  const index = header.findIndex((text) => text.trim() === column.trim());
  return index === -1 ? names.indexOf(column) : index;
}
