/** How texts are laid out where they are shown; set once by the command that prints them. */
export interface TerminalStyle {
  /** Columns of the terminal; Infinity for a file or a pipe, where nothing is cut. */
  readonly columns: number;
  /** Marks the headings of a table. */
  readonly heading: (text: string) => string;
}

const PLAIN: TerminalStyle = { columns: Infinity, heading: (text) => text };
let current = PLAIN;

/** Lays tables out for a terminal from now on. */
export function setTerminalStyle(style: TerminalStyle): void {
  current = style;
}

export function terminalStyle(): TerminalStyle {
  return current;
}
