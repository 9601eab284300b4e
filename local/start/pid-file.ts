import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { UserError } from '../../src/runtime/user-error.ts';

/**
 * Writes the id of this process to the file, so that only one `npm start` runs in a checkout.
 * @returns a function that removes the file; to be called at the end.
 * @throws UserError when another one is running.
 */
export function claimPidFile(file: string): () => void {
  const other = runningOwner(file);
  if (other !== undefined)
    throw new UserError(`npm start is already running here (process ${other}). Stop it first.`, {
      exitCode: 2,
    });
  rmSync(file, { force: true });
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
  } catch (error) {
    throw new UserError('Another npm start was started at the same time.', { cause: error, exitCode: 2 });
  }
  return () => {
    rmSync(file, { force: true });
  };
}

/** The process that wrote the file, if it is still running. */
function runningOwner(file: string): number | undefined {
  const pid = Number(read(file));
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return undefined;
  try {
    process.kill(pid, 0);
  } catch {
    return undefined;
  }
  // After a crash another program may have the same process id; /proc has its command line, on systems with /proc.
  const commandLine = read(`/proc/${pid}/cmdline`);
  return commandLine === undefined || commandLine.includes('start.ts') ? pid : undefined;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
