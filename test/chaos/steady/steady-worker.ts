import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Stage } from '../stage.ts';

const WORKER = fileURLToPath(new URL('../worker.ts', import.meta.url));

/** A worker process that nobody kills. */
export interface SteadyWorker {
  readonly name: string;
  readonly pid: number;
  /** How it ended before it was asked to; undefined while it runs. */
  readonly crash: string | undefined;
  /** Lets it end in peace. @returns what was wrong with its end. */
  stop(): Promise<string | undefined>;
}

/** Starts a worker with prepared files; it reaches the servers without the proxies of a chaos run. */
export async function startSteadyWorker(
  name: string,
  stage: Stage,
  environment: Readonly<Record<string, string | undefined>>,
  directory: string,
): Promise<SteadyWorker> {
  const told = JSON.stringify({ form: 'instant', notesFile: path.join(directory, 'downloads.jsonl') });
  const started = await stage.servers.guard.spawnGuarded(
    name,
    process.execPath,
    ['--disable-warning=ExperimentalWarning', WORKER, told],
    { env: environment, logFile: path.join(directory, 'logs', `${name}.log`), graceMs: 60_000 },
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
      return code === 0 ? undefined : `${name} ended with ${String(signal ?? code)} when it was asked to end`;
    },
  };
}
