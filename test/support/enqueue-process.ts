import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface EnqueueOutcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const COMMAND = fileURLToPath(new URL('../../src/cli/enqueue.ts', import.meta.url));
const DEADLINE_MS = 50_000;

/** Runs the real command in a process of its own. */
export async function runEnqueue(
  args: readonly string[],
  options: {
    readonly variables: Readonly<Record<string, string>>;
    readonly directory: string;
    readonly input?: string;
    readonly nodeArguments?: readonly string[];
    readonly onStarted?: (child: ChildProcess) => void;
  },
): Promise<EnqueueOutcome> {
  const child = spawn(process.execPath, [...(options.nodeArguments ?? []), COMMAND, ...args], {
    cwd: options.directory,
    env: { ...options.variables, NODE_OPTIONS: '' },
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: DEADLINE_MS,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => undefined);
  if (options.input !== undefined) child.stdin.end(options.input);
  options.onStarted?.(child);
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => {
      resolve({ exitCode, stdout, stderr });
    });
  });
}
