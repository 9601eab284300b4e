import { visibleCharacters } from './plain-text.ts';

/** A column of a text table: its heading and on which side its cells stand. */
export interface TextColumn {
  readonly heading: string;
  readonly align?: 'left' | 'right';
}

/**
 * Lays out rows under headings, two spaces apart, without trailing spaces. Widths are counted in characters as people
 * see them.
 * @returns lines joined by newlines; the headings alone when there are no rows.
 */
export function formatTextTable(
  columns: readonly TextColumn[],
  rows: readonly (readonly string[])[],
): string {
  const lines = [columns.map((column) => column.heading), ...rows];
  const widths = columns.map((_column, index) =>
    Math.max(...lines.map((line) => visibleCharacters(line[index] ?? '').length)),
  );
  return lines
    .map((line) =>
      columns
        .map((column, index) => {
          const cell = line[index] ?? '';
          const padding = ' '.repeat((widths[index] ?? 0) - visibleCharacters(cell).length);
          return column.align === 'right' ? padding + cell : cell + padding;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
