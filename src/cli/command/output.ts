import { once } from 'node:events';
import process from 'node:process';
import { commandsAsTyped } from '../../runtime/command-form.ts';
import type { Progress, ProgressOptions } from '../../runtime/progress-bar.ts';

/**
 * Standard output for long results: writing waits while the reader is behind, and the process exits quietly, as is
 * usual, when the reader (`head`) closes the pipe.
 */
export function openOutput(): (text: string) => Promise<void> {
  const { stdout } = process;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  return async (text) => {
    if (!stdout.write(text)) await once(stdout, 'drain');
  };
}

/** Prints the result of a command: the value as JSON with `--json`, otherwise the text. */
export function printResult(json: boolean | undefined, value: unknown, text: string): void {
  process.stdout.write(`${json ? JSON.stringify(value, undefined, 2) : commandsAsTyped(text)}\n`);
}

/** Prints a message for people on standard error, where it is in nobody's way. */
export function printMessage(text: string): void {
  console.error(commandsAsTyped(text));
}

/** Shows the progress of work until it ends. */
export async function withProgress<T>(
  options: ProgressOptions,
  work: (progress: Progress) => Promise<T>,
): Promise<T> {
  const { createProgress } = await import('../../runtime/progress-bar.ts');
  const progress = createProgress(options);
  try {
    return await work(progress);
  } finally {
    progress.stop();
  }
}
