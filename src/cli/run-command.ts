import process from 'node:process';
import { Command, CommanderError } from 'commander';
import { JobError, toError } from '../domain/job-errors.ts';
import { onStopSignals } from '../runtime/stop-signals.ts';
import { UserError } from '../runtime/user-error.ts';

const EXIT_INTERRUPTED = 130;
const EXIT_USAGE = 2;
/** A forced service interrupts its jobs (10 s at most) and closes what is open. */
const FORCED_END_MS = 20_000;

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
  onStopSignals(() => {
    if (controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
    controller.abort();
  });
  const exitCode = await outcomeOf(() => main(controller.signal));
  process.exit(controller.signal.aborted ? EXIT_INTERRUPTED : exitCode);
}

/** How a service is told to end: cleanly, then at once. */
export interface StopSignals {
  readonly stop: AbortSignal;
  readonly force: AbortSignal;
}

/**
 * Runs a service until SIGTERM or Ctrl-C: the first signal asks it to end cleanly, the second to end at once, the
 * third ends the process. An error or rejection that nobody caught is told and ends it cleanly, too. Exits with 0
 * after a clean end by SIGTERM, 130 after Ctrl-C, 1 when it was forced or something was not caught.
 */
export async function runService(main: (signals: StopSignals) => Promise<void>): Promise<never> {
  const stop = new AbortController();
  const force = new AbortController();
  const received = new Set<NodeJS.Signals>();
  onStopSignals((signal) => {
    if (force.signal.aborted) process.exit(1);
    if (stop.signal.aborted) {
      force.abort();
      setTimeout(() => process.exit(1), FORCED_END_MS).unref();
    }
    received.add(signal);
    stop.abort();
  });
  const accidents: unknown[] = [];
  // What nobody caught leaves the process in an unknown state: it says so, puts its work back and ends.
  process.on('uncaughtException', (error) => {
    accidents.push(error);
    report(error);
    stop.abort();
  });
  const exitCode = await outcomeOf(async () => {
    await main({ stop: stop.signal, force: force.signal });
    return force.signal.aborted || accidents.length > 0 ? 1 : 0;
  });
  process.exit(exitCode === 0 && received.has('SIGINT') ? EXIT_INTERRUPTED : exitCode);
}

async function outcomeOf(main: () => Promise<number | undefined>): Promise<number> {
  try {
    return (await main()) ?? 0;
  } catch (thrown) {
    return report(thrown);
  }
}

function report(thrown: unknown): number {
  // Commander has printed its own line already.
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : EXIT_USAGE;
  if (thrown instanceof UserError) {
    console.error(thrown.message);
    return thrown.exitCode;
  }
  if (thrown instanceof JobError) {
    // Nothing tries a command again by itself, as the advice for a job would say.
    const advice =
      thrown.outcome === 'transient' ? '`npm run doctor` shows what can be reached.' : thrown.advice;
    console.error(`${thrown.message} ${advice}`);
    return 1;
  }
  const error = toError(thrown);
  console.error(`This should not have happened: ${error.stack ?? error.message}`);
  return 1;
}
