import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { UserError } from './user-error.ts';

export interface PidFileOptions {
  /** A part of the command line of a process that may own the file: after a crash its id may belong to another program. */
  readonly program: string;
  /** What cannot run twice: `npm start`. */
  readonly what: string;
}

/**
 * Writes the id of this process to a file, so that only one process of this machine does a thing.
 * @returns a function that removes the file; to be called at the end.
 * @throws UserError when another process has it.
 */
export function claimPidFile(file: string, { program, what }: PidFileOptions): () => void {
  const other = runningOwner(file, program);
  if (other !== undefined)
    throw new UserError(`${what} is already running here (process ${String(other)}). Stop it first.`, {
      exitCode: 2,
    });
  rmSync(file, { force: true });
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
  } catch (error) {
    throw new UserError(`${what} was started twice at the same time, or ${file} cannot be written.`, {
      cause: error,
      exitCode: 2,
    });
  }
  return () => {
    rmSync(file, { force: true });
  };
}

/** The process that wrote the file, if it is still running. */
function runningOwner(file: string, program: string): number | undefined {
  const pid = Number(read(file));
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return undefined;
  try {
    process.kill(pid, 0);
  } catch {
    return undefined;
  }
  // /proc has the command line of a process, on systems with /proc.
  const commandLine = read(`/proc/${String(pid)}/cmdline`);
  return commandLine === undefined || commandLine.includes(program) ? pid : undefined;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
