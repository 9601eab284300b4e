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
    Math.max(...lines.map((line) => characters(line[index] ?? '').length)),
  );
  return lines
    .map((line) =>
      columns
        .map((column, index) => {
          const cell = line[index] ?? '';
          const padding = ' '.repeat((widths[index] ?? 0) - characters(cell).length);
          return column.align === 'right' ? padding + cell : cell + padding;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/**
 * Makes a text from outside fit for a terminal: one line, no control or direction characters (they could move the
 * cursor or hide text), cut to a length.
 */
export function terminalText(text: string, maxLength: number): string {
  const plain = text
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll(/\p{Cf}/gu, '')
    .trim();
  const visible = characters(plain);
  return visible.length <= maxLength ? plain : `${visible.slice(0, maxLength - 1).join('')}…`;
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

function characters(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}
