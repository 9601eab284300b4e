import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { childEnvironment } from '../../runtime/child-process-environment.ts';
import { locateProgram } from '../../runtime/resource-limits.ts';

const run = promisify(execFile);
/** A busy small machine takes that long to start Python. */
export const PROGRAM_TIMEOUT_MS = 60_000;
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;

/** What a program printed to standard output and standard error, or why there is nothing. */
export type ProgramOutput =
  { readonly text: string } | { readonly text: ''; readonly reason: 'absent' | 'slow' };

/** Runs a program and takes what it prints, whatever its exit code. Never throws. */
export async function programOutput(
  program: string,
  args: readonly string[],
  timeoutMs = PROGRAM_TIMEOUT_MS,
): Promise<ProgramOutput> {
  try {
    const { stdout, stderr } = await run(program, args, {
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      maxBuffer: MAX_OUTPUT_BYTES,
      env: childEnvironment(),
    });
    return { text: `${stdout}\n${stderr}` };
  } catch (error) {
    // The code is an exit code when the program was run, and a name such as ENOENT when it was not.
    const failure = error as { code?: unknown; killed?: unknown; stdout?: unknown; stderr?: unknown };
    if (typeof failure.code === 'number')
      return { text: `${String(failure.stdout)}\n${String(failure.stderr)}` };
    return { text: '', reason: failure.killed === true ? 'slow' : 'absent' };
  }
}

/** The path of a program: as given when it contains a directory, else the first one on the PATH. */
export function locate(program: string): string {
  return locateProgram(program) ?? program;
}
