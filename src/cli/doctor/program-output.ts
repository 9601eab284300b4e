import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { childEnvironment } from '../../runtime/child-process-environment.ts';

const run = promisify(execFile);
const TIMEOUT_MS = 20_000;
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;

/**
 * What a program prints to standard output and standard error, whatever its exit code.
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
    // The code is an exit code when the program was run, and a name such as ENOENT when it was not.
    const failure = error as { code?: unknown; stdout?: unknown; stderr?: unknown };
    return typeof failure.code === 'number'
      ? `${String(failure.stdout)}\n${String(failure.stderr)}`
      : undefined;
  }
}

/** The path of a program: as given when it contains a directory, else the first one on the PATH. */
export function locate(program: string): string {
  if (program.includes(path.sep)) return program;
  const candidates = (childEnvironment()['PATH'] ?? '')
    .split(path.delimiter)
    .map((directory) => path.join(directory, program));
  return candidates.find(isExecutable) ?? program;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
