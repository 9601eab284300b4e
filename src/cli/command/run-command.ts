import process from 'node:process';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { ERROR_CLASSES } from '../../domain/error-classes.ts';
import { JobError, toError } from '../../domain/job-errors.ts';
import { commandsAsTyped, exampleAsTyped } from '../../runtime/command-form.ts';
import { Cleanups } from '../../runtime/cleanups.ts';
import { UserError } from '../../runtime/user-error.ts';
import { setTerminalStyle } from '../../text/terminal-style.ts';
import { bold } from './colour.ts';
import { refuseSwallowedOptions } from './npm-options.ts';
import { keepHeapSmall } from './small-heap.ts';

const EXIT_INTERRUPTED = 130;
const EXIT_USAGE = 2;
/** A check found something unhealthy, or a difference. */
export const EXIT_UNHEALTHY = 3;
/** One Ctrl-C reaches a program from the terminal, from npm and from the launcher: signals this close are one. */
const SAME_SIGNAL_MS = 500;
/** A forced service interrupts its jobs (10 s at most) and closes its connections. */
const FORCED_END_MS = 20_000;

/** Registers a resource to be closed when the command has ended; the last one is closed first. @returns the resource */
export type CloseAtEnd = <T extends { close(): unknown }>(resource: T) => T;

/** A command that tells of options which npm took for itself. */
class OwnCommand extends Command {
  readonly #script: string;

  constructor(script: string) {
    super(exampleAsTyped(`npm run ${script} -- `).trimEnd());
    this.#script = script;
  }

  override parse(...args: Parameters<Command['parse']>): this {
    refuseSwallowedOptions(this.#script, this.options);
    return super.parse(...args);
  }
}

/** Creates a command with the conventions of all commands: help with examples, usage errors exit with 2. */
export function createCommand(name: string, description: string, examples: readonly string[]): Command {
  return new OwnCommand(name)
    .description(commandsAsTyped(description))
    .showHelpAfterError('Use --help to see the usage.')
    .exitOverride()
    .addHelpText(
      'after',
      `\nExamples:\n${examples.map((example) => `  $ ${exampleAsTyped(example)}`).join('\n')}\n`,
    );
}

/** Wrong arguments or configuration; the process exits with 2. */
export function usageError(message: string, options?: ErrorOptions): UserError {
  return new UserError(message, { ...options, exitCode: EXIT_USAGE });
}

/** A parser for an option that is a whole number. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${String(min)} to ${String(max)}.`);
  };
}

/** Parses an option that is a date. */
export function date(text: string): Date {
  const parsed = new Date(text);
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(parsed.getTime())) {
    throw new InvalidArgumentError('It must be a date such as 2026-01-31.');
  }
  return parsed;
}

/**
 * Runs a command and exits the process with its exit code. Expected errors are printed as one line that says what to
 * do. The first Ctrl-C aborts the signal, so that the command can end cleanly; the second exits at once.
 * @param main returns the exit code; undefined means 0
 */
export async function runCommand(
  main: (signal: AbortSignal, closeAtEnd: CloseAtEnd) => Promise<number | undefined>,
): Promise<never> {
  setTerminalStyle({ columns: process.stdout.isTTY ? process.stdout.columns : Infinity, heading: bold });
  const controller = new AbortController();
  onStopSignals(() => {
    if (controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
    controller.abort();
  });
  const exitCode = await exitCodeOf((closeAtEnd) => main(controller.signal, closeAtEnd));
  process.exit(controller.signal.aborted ? EXIT_INTERRUPTED : exitCode);
}

/** Asks a service to end: cleanly, then at once. */
export interface StopSignals {
  readonly stop: AbortSignal;
  readonly force: AbortSignal;
}

/**
 * Runs a service until SIGTERM or Ctrl-C: the first signal asks it to end cleanly, the second to end at once, the
 * third exits the process. An uncaught error or rejection is printed and ends it cleanly, too. Exits with 0 after a
 * clean end by SIGTERM, 130 after Ctrl-C, 1 when it was forced or an error was uncaught.
 */
export async function runService(
  main: (signals: StopSignals, closeAtEnd: CloseAtEnd) => Promise<void>,
): Promise<never> {
  keepHeapSmall();
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
  let hasUncaught = false;
  // After an uncaught error the state of the process is unknown: it puts its jobs back and ends.
  process.on('uncaughtException', (error) => {
    hasUncaught = true;
    report(error);
    stop.abort();
  });
  const exitCode = await exitCodeOf(async (closeAtEnd) => {
    await main({ stop: stop.signal, force: force.signal }, closeAtEnd);
    return force.signal.aborted || hasUncaught ? 1 : 0;
  });
  process.exit(exitCode === 0 && received.has('SIGINT') ? EXIT_INTERRUPTED : exitCode);
}

/** Calls `handle` for each distinct SIGINT, SIGTERM or SIGHUP (the terminal was closed). */
function onStopSignals(handle: (signal: NodeJS.Signals) => void): void {
  let lastAt = Number.NEGATIVE_INFINITY;
  const listen = (signal: NodeJS.Signals) => {
    const isSame = performance.now() - lastAt < SAME_SIGNAL_MS;
    lastAt = performance.now();
    if (!isSame) handle(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, listen);
}

async function exitCodeOf(main: (closeAtEnd: CloseAtEnd) => Promise<number | undefined>): Promise<number> {
  const cleanups = new Cleanups((what, { message }) => {
    console.error(`${what} failed: ${message}`);
  });
  try {
    const exitCode = await main((resource) => {
      cleanups.add('a connection', () => resource.close());
      return resource;
    });
    return exitCode ?? 0;
  } catch (thrown) {
    return report(thrown);
  } finally {
    await cleanups.runAll();
  }
}

/** Prints an error. @returns the exit code */
function report(thrown: unknown): number {
  // Commander has printed its own line already.
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : EXIT_USAGE;
  if (thrown instanceof UserError) {
    console.error(commandsAsTyped(thrown.message));
    return thrown.exitCode;
  }
  if (thrown instanceof JobError) {
    // What happens by itself happens to jobs: a command is not repeated.
    const { outcome, advice: known } = ERROR_CLASSES[thrown.errorClass];
    const advice = outcome === 'transient' ? '`npm run doctor` shows what can be reached.' : known;
    console.error(commandsAsTyped(`${thrown.message} ${advice}`));
    return 1;
  }
  const error = toError(thrown);
  console.error(`Unexpected error: ${error.stack ?? error.message}`);
  return 1;
}
