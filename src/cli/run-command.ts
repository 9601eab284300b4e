import process from 'node:process';
import { Command, CommanderError } from 'commander';
import { JobError, toError } from '../runtime/job-errors.ts';
import { UserError } from '../runtime/user-error.ts';

const EXIT_INTERRUPTED = 130;
const EXIT_USAGE = 2;

/** Makes a command with the conventions that all share: help with examples, usage errors exit with 2. */
export function createCommand(name: string, description: string, examples: readonly string[]): Command {
  return new Command(name)
    .description(description)
    .showHelpAfterError('Add --help to see what it takes.')
    .exitOverride()
    .addHelpText('after', `\nExamples:\n${examples.map((example) => `  $ ${example}`).join('\n')}\n`);
}

/**
 * Runs a command to its end and exits the process with its code. Expected errors become one line that says what
 * to do. The first Ctrl-C aborts the signal, so that the command can end cleanly; the second ends it at once.
 * @param main returns the exit code; nothing means 0.
 */
export async function runCommand(main: (signal: AbortSignal) => Promise<number | undefined>): Promise<never> {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
    controller.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  let exitCode: number;
  try {
    exitCode = (await main(controller.signal)) ?? 0;
  } catch (thrown) {
    exitCode = report(thrown);
  }
  process.exit(controller.signal.aborted ? EXIT_INTERRUPTED : exitCode);
}

function report(thrown: unknown): number {
  // Commander has printed its own line already.
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : EXIT_USAGE;
  if (thrown instanceof UserError) {
    console.error(thrown.message);
    return thrown.exitCode;
  }
  if (thrown instanceof JobError) {
    console.error(`${thrown.message} ${thrown.advice}`);
    return 1;
  }
  const error = toError(thrown);
  console.error(`This should not have happened: ${error.stack ?? error.message}`);
  return 1;
}
