import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { UserError } from '../../src/runtime/user-error.ts';

/**
 * Marks this checkout as having a running `npm start`; call what it returns when that ends.
 * @throws UserError when one is running already.
 */
export function markAsRunning(file: string): () => void {
  const other = ownerOf(file);
  if (other !== undefined)
    throw new UserError(`npm start is running here already (process ${other}). Stop it first.`, {
      exitCode: 2,
    });
  rmSync(file, { force: true });
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
  } catch (error) {
    throw new UserError('Another npm start began at the same moment.', { cause: error, exitCode: 2 });
  }
  return () => {
    rmSync(file, { force: true });
  };
}

/** The process that wrote the mark, if it still runs. */
function ownerOf(file: string): number | undefined {
  const pid = Number(read(file));
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return undefined;
  try {
    process.kill(pid, 0);
  } catch {
    return undefined;
  }
  // After a crash another program may have got the number; where the system tells what it is, look.
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
