import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ROOT } from './bench-servers.ts';

const REAL = path.join(ROOT, 'src/cli/worker.ts');
const STUB = fileURLToPath(new URL('stub-worker.ts', import.meta.url));
const KEPT_LINES = 20;

export interface BenchWorker {
  readonly pid: number;
  /** @throws Error with its last lines when it did not end cleanly */
  stop(): Promise<void>;
}

/** How long each download of a stub takes: it waits so often, each time for so long, as one that asks a site again and again. */
export interface StubWaits {
  readonly waits: number;
  readonly leastMs: number;
  readonly mostMs: number;
}

export interface BenchWorkerOptions {
  readonly queues: readonly string[];
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** In place of yt-dlp and ffmpeg. Left out: the real ones. */
  readonly stub?: StubWaits;
}

/** Starts a worker process and waits until it works on all its queues. @throws Error when it ends before */
export async function startBenchWorker({
  queues,
  variables,
  stub,
}: BenchWorkerOptions): Promise<BenchWorker> {
  const program = stub === undefined ? [REAL, ...queues] : [STUB, JSON.stringify({ queues, ...stub })];
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...program], {
    cwd: ROOT,
    env: { ...process.env, ...variables, LOG_LEVEL: 'info' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'close');
  const lines: string[] = [];
  const { promise: working, resolve } = Promise.withResolvers<undefined>();
  let started = 0;
  // Read to the end: a program whose output nobody takes waits.
  createInterface({ input: child.stderr }).on('line', (line) => {
    lines.push(line);
    if (lines.length > KEPT_LINES) lines.shift();
    if (line.includes('"msg":"Working"')) started += 1;
    if (started === queues.length) resolve(undefined);
  });
  const problem = () =>
    new Error(`A worker ended with ${String(child.exitCode ?? child.signalCode)}: ${lines.join('\n')}`);
  await Promise.race([working, ended.then(() => Promise.reject(problem()))]);
  return {
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      if (child.exitCode !== 0) throw problem();
    },
  };
}
