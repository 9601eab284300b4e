import path from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Guard, GuardedProcess } from '../../local/guard-client.ts';
import type { NamedServer } from '../../local/servers/start-servers.ts';
import type { WorkerOptions } from './worker-options.ts';

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url));
const AGAIN_AFTER_MS = 500;

/** Something that is killed and started again. */
export interface Mortal {
  /** Kills it as nothing can prevent, waits so long, and starts it again. */
  killAndRestart(downMs: number): Promise<void>;
}

/** A worker process that is always up, except right after it was killed. */
export interface ChaosWorker extends Mortal {
  /** How often it ended by itself, and how: no worker ever should. */
  readonly crashes: readonly string[];
  /** Lets it end in peace. */
  stop(): Promise<void>;
}

/** Starts a worker and keeps it up. */
export async function startWorker(
  guard: Guard,
  options: WorkerOptions & {
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly logFile: string;
  },
): Promise<ChaosWorker> {
  const { env, logFile, ...told } = options;
  const crashes: string[] = [];
  let isExpected = false;
  let current = await start();

  const isOurs = (ended: GuardedProcess) => !isExpected && current === ended;

  async function start(): Promise<GuardedProcess> {
    const started = await guard.spawnGuarded(
      path.basename(logFile, '.log'),
      process.execPath,
      ['--disable-warning=ExperimentalWarning', WORKER, JSON.stringify(told)],
      { env, logFile },
    );
    void started.ended.then(async ({ code, signal }) => {
      if (!isOurs(started)) return;
      crashes.push(`${path.basename(logFile)}: ended with ${String(signal ?? code)}`);
      await delay(AGAIN_AFTER_MS);
      // It may have been killed by the schedule meanwhile, which starts it again.
      if (isOurs(started)) current = await start();
    });
    return started;
  }

  return {
    crashes,
    killAndRestart: async (downMs) => {
      isExpected = true;
      await kill(current);
      await delay(downMs);
      current = await start();
      isExpected = false;
    },
    stop: async () => {
      isExpected = true;
      await current.stop();
    },
  };
}

/** A server whose process may die; its port and its data stay. */
export function mortalServer(server: NamedServer): Mortal & { readonly name: NamedServer['name'] } {
  let current = server.process;
  return {
    name: server.name,
    killAndRestart: async (downMs) => {
      await kill(current);
      await delay(downMs);
      current = await server.restart();
    },
  };
}

async function kill(victim: GuardedProcess): Promise<void> {
  try {
    process.kill(victim.pid, 'SIGKILL');
  } catch (error) {
    // It ended by itself a moment ago, which its own watcher reports.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
  await victim.ended;
}
