import type { WriteStream } from 'node:tty';
import { toError } from '../../domain/job-errors.ts';
import { commandsAsTyped } from '../../runtime/command-form.ts';
import { pause } from '../../runtime/deadline.ts';
import type { StatusSection } from '../../reports/status-text.ts';
import { plainText } from '../../text/plain-text.ts';
import { setTerminalStyle } from '../../text/terminal-style.ts';
import { bold, markTrouble } from '../command/colour.ts';
import { openScreen } from '../command/screen.ts';
import { fitSections } from './fit-sections.ts';

const MESSAGE_LENGTH = 200;

/** The state, for programs and for people. */
export interface StatusReading {
  readonly value: object;
  readonly sections: readonly StatusSection[];
}

/**
 * Shows the status on the whole terminal until the signal is aborted. A status that cannot be read leaves the last one there, and
 * says since when.
 */
export async function watchOnScreen(
  stdout: WriteStream,
  read: () => Promise<StatusReading>,
  intervalMs: number,
  signal: AbortSignal,
): Promise<void> {
  let sections: readonly StatusSection[] = [];
  let readAt = new Date();
  let failure: string | undefined;
  const readNow = async () => {
    // Headings are marked when they are drawn; a new size of the terminal is seen here with the next reading.
    setTerminalStyle({ columns: stdout.columns || Infinity, heading: (text) => text });
    ({ sections } = await read());
    readAt = new Date();
  };
  // The first one is read before the terminal is taken: without servers a command says so where it was called.
  await readNow();
  const draw = () => {
    const footer = `At ${readAt.toLocaleTimeString()}, every ${String(intervalMs / 1000)} s until Ctrl-C`;
    const trouble =
      failure === undefined
        ? []
        : [{ text: `NOT READ SINCE ${readAt.toLocaleTimeString()}: ${failure}`, isTrouble: true }];
    const typed = [...trouble, ...sections].map(({ text, isTrouble }) => ({
      text: commandsAsTyped(text),
      isTrouble,
    }));
    screen.draw(
      fitSections(typed, footer, screen.size(), (line, { isTrouble }) =>
        isTrouble ? markTrouble(line) : bold(line),
      ),
    );
  };
  const screen = openScreen(stdout, draw);
  try {
    draw();
    for (;;) {
      await pause(intervalMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await readNow();
        failure = undefined;
      } catch (error) {
        failure = plainText(toError(error).message, MESSAGE_LENGTH);
      }
      draw();
    }
  } finally {
    screen.close();
  }
}
