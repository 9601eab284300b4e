import process from 'node:process';
import type { WriteStream } from 'node:tty';

const ALTERNATE = '\u001b[?1049h\u001b[?25l';
const ORDINARY = '\u001b[?25h\u001b[?1049l';
const CLEAR_TO_END_OF_LINE = '\u001b[K';
const CLEAR_TO_END_OF_SCREEN = '\u001b[J';

/** Where a terminal does not tell its size. */
const DEFAULT_ROWS = 24;
const DEFAULT_COLUMNS = 80;

export type Screen = ReturnType<typeof openScreen>;

/**
 * Takes the whole terminal, as `top` does: what was there before is back when it is closed, however the process ends (except
 * when it is killed). Only lines that changed are written, in one piece, so that nothing flickers.
 * @param onChange called when the terminal has another size, or shows this program again
 */
export function openScreen(stdout: WriteStream, onChange: () => void) {
  let shown: readonly string[] = [];
  let isOpen = false;
  const enter = () => {
    isOpen = true;
    shown = [];
    stdout.write(`${ALTERNATE}\u001b[H${CLEAR_TO_END_OF_SCREEN}`);
  };
  const leave = () => {
    if (!isOpen) return;
    isOpen = false;
    stdout.write(ORDINARY);
  };
  const onResize = () => {
    // Terminals move the lines as they like: all are written anew.
    shown = [];
    onChange();
  };
  const onSuspend = () => {
    leave();
    process.kill(process.pid, 'SIGSTOP');
  };
  const onContinue = () => {
    enter();
    onChange();
  };
  stdout.on('resize', onResize);
  process.on('exit', leave);
  process.on('SIGTSTP', onSuspend);
  process.on('SIGCONT', onContinue);
  enter();
  return {
    size: () => ({ rows: stdout.rows || DEFAULT_ROWS, columns: stdout.columns || DEFAULT_COLUMNS }),
    /** @param lines no more than there are rows, none longer than a row */
    draw: (lines: readonly string[]): void => {
      if (!isOpen) return;
      const text = lines
        .flatMap((line, index) =>
          line === shown[index] ? [] : [`\u001b[${String(index + 1)};1H${line}${CLEAR_TO_END_OF_LINE}`],
        )
        .join('');
      const rest =
        lines.length < shown.length || shown.length === 0
          ? `\u001b[${String(lines.length + 1)};1H${CLEAR_TO_END_OF_SCREEN}`
          : '';
      shown = lines;
      // Below a full screen there is no line to clear.
      const isFull = lines.length >= (stdout.rows || DEFAULT_ROWS);
      if (text !== '' || rest !== '') stdout.write(isFull ? text : text + rest);
    },
    close: (): void => {
      stdout.off('resize', onResize);
      process.off('exit', leave);
      process.off('SIGTSTP', onSuspend);
      process.off('SIGCONT', onContinue);
      leave();
    },
  };
}
