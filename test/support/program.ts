import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A command of src/cli/ in a process of its own. */
export interface Program {
  readonly pid: number;
  readonly stdout: () => string;
  readonly stderr: () => string;
  kill(signal: NodeJS.Signals): void;
  /** Settles with the exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | string>;
}

export interface ProgramOptions {
  readonly variables: Readonly<Record<string, string>>;
  readonly directory: string;
}

/** Starts a command as npm would, without npm. */
export function startProgram(name: string, args: readonly string[], options: ProgramOptions): Program {
  return startScript(new URL(`../../src/cli/${name}.ts`, import.meta.url), args, options);
}

/** Starts any TypeScript file in a process of its own. */
export function startScript(script: URL, args: readonly string[], options: ProgramOptions): Program {
  const file = fileURLToPath(script);
  const child = spawn(process.execPath, [file, ...args], {
    cwd: options.directory,
    env: { ...options.variables, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<number | string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve(code ?? signal ?? 'unknown');
    });
  });
  if (child.pid === undefined) throw new Error(`${file} could not be started`);
  return {
    pid: child.pid,
    stdout: () => stdout,
    stderr: () => stderr,
    kill: (signal) => child.kill(signal),
    ended,
  };
}

/** The programs that a test has started. */
export class Programs {
  readonly #started: Program[] = [];

  start(...args: Parameters<typeof startProgram>): Program {
    return this.#keep(startProgram(...args));
  }

  startScript(...args: Parameters<typeof startScript>): Program {
    return this.#keep(startScript(...args));
  }

  /** Sends a signal to all that still run, and waits for the end of all. @returns what each `ended` with. */
  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<(number | string)[]> {
    const programs = this.#started.splice(0);
    for (const program of programs) program.kill(signal);
    return await Promise.all(programs.map((program) => program.ended));
  }

  #keep(program: Program): Program {
    this.#started.push(program);
    return program;
  }
}
