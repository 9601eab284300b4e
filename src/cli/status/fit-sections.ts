import { cutToWidth } from '../../text/display-width.ts';
import type { StatusSection } from '../../reports/status-text.ts';

export interface ScreenSize {
  readonly rows: number;
  readonly columns: number;
}

/** A heading, a row, and how many more there are. */
const LEAST_LINES = 3;

/**
 * The lines of a screen, trouble first. A part that is too long is cut and says how many lines are left out; parts that find no
 * place are named in the last line.
 * @param footer the last line of the screen
 * @param mark marks the first line of a part, without making it wider
 */
export function fitSections(
  sections: readonly StatusSection[],
  footer: string,
  { rows, columns }: ScreenSize,
  mark: (line: string, section: StatusSection) => string = (line) => line,
): readonly string[] {
  const ordered = [
    ...sections.filter(({ isTrouble }) => isTrouble),
    ...sections.filter(({ isTrouble }) => !isTrouble),
  ];
  const parts = ordered.map((section) => ({ section, lines: section.text.split('\n'), height: 0 }));
  // First each part that finds a place gets the least that says something, then the rest is shared out in the same order.
  let free = rows - 1;
  for (const part of parts) {
    const gap = free === rows - 1 ? 0 : 1;
    const least = Math.min(part.lines.length, LEAST_LINES);
    if (least + gap > free) continue;
    part.height = least;
    free -= least + gap;
  }
  for (const part of parts) {
    if (part.height === 0) continue;
    const more = Math.min(free, part.lines.length - part.height);
    part.height += more;
    free -= more;
  }
  const shown = parts.filter(({ height }) => height > 0);
  const leftOut = parts.filter(({ height }) => height === 0).map(({ lines }) => titleOf(lines));
  const last = leftOut.length === 0 ? footer : `Not shown, as the window is too low: ${leftOut.join(', ')}`;
  const lines = shown.flatMap(({ section, lines: all, height }, index) => {
    const [first = '', ...others] = cutPart(all, height).map((line) => cutToWidth(line, columns));
    return [...(index === 0 ? [] : ['']), mark(first, section), ...others];
  });
  return [...lines, cutToWidth(last, columns)];
}

function cutPart(lines: readonly string[], height: number): readonly string[] {
  if (lines.length <= height) return lines;
  const shown = lines.slice(0, height - 1);
  return [...shown, `  … ${String(lines.length - shown.length)} more lines`];
}

/** The first words of a part, which are in capital letters. */
function titleOf([first = '']: readonly string[]): string {
  return /^[A-Z][A-Z ]*[A-Z]/.exec(first)?.[0] ?? cutToWidth(first, 20);
}
