import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { ChaosEnvironment } from '../chaos-environment.ts';

const WORKER = fileURLToPath(new URL('../worker.ts', import.meta.url));

/** A worker process that is not killed. */
export interface SteadyWorker {
  readonly name: string;
  readonly pid: number;
  /** How it ended by itself; undefined while it runs. */
  readonly crash: string | undefined;
  /** Ends it with SIGTERM. @returns the problem, when its exit code is not 0. */
  stop(): Promise<string | undefined>;
}

/** Starts a worker with prepared files; it reaches the servers without the proxies of a chaos run. */
export async function startSteadyWorker(
  name: string,
  environment: ChaosEnvironment,
  variables: Readonly<Record<string, string | undefined>>,
  directory: string,
): Promise<SteadyWorker> {
  const workerOptions = JSON.stringify({
    audioSource: 'instant',
    notesFile: path.join(directory, 'downloads.jsonl'),
  });
  const started = await environment.servers.guard.spawnGuarded(
    name,
    process.execPath,
    ['--disable-warning=ExperimentalWarning', WORKER, workerOptions],
    { env: variables, logFile: path.join(directory, 'logs', `${name}.log`), graceMs: 60_000 },
  );
  let crash: string | undefined;
  let isStopping = false;
  void started.ended.then(({ code, signal }) => {
    if (!isStopping) crash = `${name} ended with ${String(signal ?? code)}`;
  });
  return {
    name,
    pid: started.pid,
    get crash() {
      return crash;
    },
    stop: async () => {
      if (crash !== undefined) return crash;
      isStopping = true;
      await started.stop();
      const { code, signal } = await started.ended;
      return code === 0 ? undefined : `${name} ended with ${String(signal ?? code)} after SIGTERM`;
    },
  };
}
