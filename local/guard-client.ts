import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { guardReportSchema, type GuardRequest } from './guard-messages.ts';

const GUARD_PROGRAM = fileURLToPath(new URL('guard.mjs', import.meta.url));
/** How long a server may take to stop before it is killed. */
const SERVER_GRACE_MS = 8_000;

export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A process whose parent is the guard. */
export interface GuardedProcess {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string | undefined;
  /** Resolves when the process has ended, for whatever reason; never rejects. */
  readonly ended: Promise<Ending>;
  /** Sends SIGTERM and, after the grace period, SIGKILL; resolves when the process has ended. */
  stop(): Promise<void>;
}

export interface GuardedOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Standard output and standard error are appended to it; without it they are those of this process. */
  readonly logFile?: string;
  /** Time between SIGTERM and SIGKILL. */
  readonly graceMs?: number;
}

/** Starts processes through `guard.mjs`, which ends them all when this process dies. */
export interface Guard {
  /** @throws Error when the program cannot be started. */
  spawnGuarded(
    name: string,
    command: string,
    args: readonly string[],
    options: GuardedOptions,
  ): Promise<GuardedProcess>;
  /** Ends every remaining process, then the guard. Safe to call twice. */
  close(): Promise<void>;
}

interface Entry {
  readonly started: PromiseWithResolvers<number>;
  readonly ended: PromiseWithResolvers<Ending>;
  pid?: number;
}

/** Starts a guard as a child process. */
export async function startGuard(): Promise<Guard> {
  const guard = spawn(process.execPath, [GUARD_PROGRAM], {
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await once(guard, 'spawn');
  const entries = new Map<number, Entry>();
  const exited = once(guard, 'exit');
  let nextId = 1;

  guard.on('message', (message) => {
    dispatch(entries, guardReportSchema.parse(message));
  });
  void exited.then(() => {
    killOrphans(entries);
  });

  return {
    async spawnGuarded(name, command, args, options) {
      const id = nextId++;
      const { logFile } = options;
      if (logFile !== undefined) mkdirSync(path.dirname(logFile), { recursive: true });
      const started = Promise.withResolvers<number>();
      const ended = Promise.withResolvers<Ending>();
      entries.set(id, { started, ended });
      const { env, graceMs = SERVER_GRACE_MS } = options;
      send(guard, { type: 'start', id, command, args, env, graceMs, logFile });
      const pid = await started.promise;
      return {
        name,
        pid,
        logFile,
        ended: ended.promise,
        stop: async () => {
          if (entries.has(id) && guard.connected) send(guard, { type: 'stop', id });
          await ended.promise;
        },
      };
    },
    async close() {
      if (guard.connected) guard.disconnect();
      await exited;
    },
  };
}

function dispatch(entries: Map<number, Entry>, report: ReturnType<typeof guardReportSchema.parse>): void {
  const entry = entries.get(report.id);
  if (entry === undefined) return;
  switch (report.type) {
    case 'started':
      entry.pid = report.pid;
      entry.started.resolve(report.pid);
      return;
    case 'failed':
      entries.delete(report.id);
      entry.started.reject(new Error(report.message));
      return;
    case 'ended':
      entries.delete(report.id);
      entry.ended.resolve({ code: report.code, signal: report.signal });
  }
}

/** Ends the processes of a guard that has ended itself. */
function killOrphans(entries: Map<number, Entry>): void {
  for (const entry of entries.values()) {
    try {
      if (entry.pid !== undefined) process.kill(-entry.pid, 'SIGKILL');
    } catch {
      // It has ended too.
    }
    entry.started.reject(new Error('The guard of the local processes ended.'));
    entry.ended.resolve({ code: null, signal: 'SIGKILL' });
  }
  entries.clear();
}

function send(guard: ChildProcess, request: GuardRequest): void {
  // Errors are ignored: a broken channel also shows as the guard's exit, which settles all promises.
  guard.send(request, () => undefined);
}
