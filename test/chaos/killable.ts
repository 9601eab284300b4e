import path from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Guard, GuardedProcess } from '../../local/guard-client.ts';
import type { NamedServer } from '../../local/servers/start-servers.ts';
import type { WorkerOptions } from './worker-options.ts';

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url));
const RESTART_AFTER_MS = 500;

/** A process that is killed and started again. */
export interface Killable {
  /** Sends SIGKILL, waits so long, and starts it again. */
  killAndRestart(downMs: number): Promise<void>;
}

/** A worker process that runs always, except right after it was killed. */
export interface ChaosWorker extends Killable {
  /** How it ended by itself, which no worker should. */
  readonly crashes: readonly string[];
  /** Ends it with SIGTERM. */
  stop(): Promise<void>;
}

/** Starts a worker, and starts it again whenever it ends by itself. */
export async function startWorker(
  guard: Guard,
  options: WorkerOptions & {
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly logFile: string;
  },
): Promise<ChaosWorker> {
  const { env, logFile, ...workerOptions } = options;
  const crashes: string[] = [];
  let isExpected = false;
  let current = await start();

  const hasCrashed = (ended: GuardedProcess) => !isExpected && current === ended;

  async function start(): Promise<GuardedProcess> {
    const started = await guard.spawnGuarded(
      path.basename(logFile, '.log'),
      process.execPath,
      ['--disable-warning=ExperimentalWarning', WORKER, JSON.stringify(workerOptions)],
      { env, logFile },
    );
    void started.ended.then(async ({ code, signal }) => {
      if (!hasCrashed(started)) return;
      crashes.push(`${path.basename(logFile)}: ended with ${String(signal ?? code)}`);
      await delay(RESTART_AFTER_MS);
      // It may have been killed by the schedule meanwhile, which starts it again.
      if (hasCrashed(started)) current = await start();
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

/** A server that can be killed; its port and its data stay. */
export function killableServer(server: NamedServer): Killable & { readonly name: NamedServer['name'] } {
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

async function kill(guarded: GuardedProcess): Promise<void> {
  try {
    process.kill(guarded.pid, 'SIGKILL');
  } catch (error) {
    // It ended by itself a moment ago, which is reported where it was started.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
  await guarded.ended;
}
