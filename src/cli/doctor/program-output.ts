import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { childEnvironment } from '../../runtime/child-process-environment.ts';

const run = promisify(execFile);
const TIMEOUT_MS = 20_000;
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;

/**
 * Everything a program says, on both outputs; a failure exit is no reason to ignore it.
 * @returns undefined when it cannot be run or does not end in time.
 */
export async function programOutput(program: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await run(program, args, {
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
      maxBuffer: MAX_OUTPUT_BYTES,
      env: childEnvironment(),
    });
    return `${stdout}\n${stderr}`;
  } catch (error) {
    // Programs that were run and failed carry a number; those that were not, a name such as ENOENT.
    const failure = error as { code?: unknown; stdout?: unknown; stderr?: unknown };
    return typeof failure.code === 'number'
      ? `${String(failure.stdout)}\n${String(failure.stderr)}`
      : undefined;
  }
}

/** Where a program is: as given when it has a directory, else the first on the PATH. */
export function locate(program: string): string {
  if (program.includes(path.sep)) return program;
  const places = (childEnvironment()['PATH'] ?? '')
    .split(path.delimiter)
    .map((place) => path.join(place, program));
  return places.find(isExecutable) ?? program;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
