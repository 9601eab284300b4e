/** Narrower columns say nothing any more. */
const LEAST = 8;
const GAP = 2;

/** A column of a table, as wide as its widest cell. */
export interface Column {
  readonly width: number;
  /** Numbers are never cut. */
  readonly isNumber: boolean;
}

/**
 * The widths with which columns, two spaces apart, fit into a terminal: the widest texts are cut first. Wider than the terminal
 * only where all are as narrow as they may be.
 */
export function fitColumns(columns: readonly Column[], available: number): number[] {
  const widths = columns.map(({ width }) => width);
  const gaps = GAP * Math.max(0, columns.length - 1);
  const excess = () => widths.reduce((sum, width) => sum + width, gaps) - available;
  for (let over = excess(); over > 0; over = excess()) {
    const texts = columns.flatMap(({ isNumber }, index) => {
      const width = widths[index] ?? 0;
      return isNumber || width <= LEAST ? [] : [{ index, width }];
    });
    const [widest, next] = texts.sort((one, other) => other.width - one.width);
    if (widest === undefined) break;
    // Down to the second widest, so that columns of the same kind end up equal.
    const step = Math.max(1, widest.width - Math.max(next?.width ?? LEAST, LEAST));
    widths[widest.index] = widest.width - Math.min(step, over);
  }
  return widths;
}
