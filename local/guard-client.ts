import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { guardReportSchema, type GuardOrder } from './guard-messages.ts';

const GUARD_PROGRAM = fileURLToPath(new URL('guard.mjs', import.meta.url));
/** How long a server may take to stop before it is killed. */
const SERVER_GRACE_MS = 8_000;

/** How a guarded process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A process that the guard owns. */
export interface GuardedProcess {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string | undefined;
  /** Settles when the process has ended, also when nobody asked for it; never rejects. */
  readonly ended: Promise<Ending>;
  /** Asks it to stop, kills it after its grace time, and waits until it is gone. */
  stop(): Promise<void>;
}

/** What a guarded process is started with. */
export interface GuardedOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Standard output and standard error are added to this file; without one they are those of this process. */
  readonly logFile?: string;
  /** Time between SIGTERM and SIGKILL. */
  readonly graceMs?: number;
}

/** Starts and ends processes through `guard.mjs`, which ends them all when this process dies. */
export interface Guard {
  /** @throws Error when the program cannot be started. */
  spawnGuarded(
    name: string,
    command: string,
    args: readonly string[],
    options: GuardedOptions,
  ): Promise<GuardedProcess>;
  /** Ends every process that is left, then the guard. Safe to call twice. */
  close(): Promise<void>;
}

interface Entry {
  readonly onStarted: (pid: number) => void;
  readonly onFailed: (error: Error) => void;
  readonly onEnded: (ending: Ending) => void;
  pid: number | undefined;
}

/** Starts a guard: one child process with a channel to this one. */
export async function startGuard(): Promise<Guard> {
  const guard = spawn(process.execPath, [GUARD_PROGRAM], {
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await once(guard, 'spawn');
  const entries = new Map<number, Entry>();
  const gone = once(guard, 'exit');
  let nextId = 1;

  guard.on('message', (message) => {
    dispatch(entries, guardReportSchema.parse(message));
  });
  void gone.then(() => {
    abandon(entries);
  });

  return {
    async spawnGuarded(name, command, args, options) {
      const id = nextId++;
      const { logFile } = options;
      if (logFile !== undefined) mkdirSync(path.dirname(logFile), { recursive: true });
      const started = Promise.withResolvers<number>();
      const ended = Promise.withResolvers<Ending>();
      entries.set(id, {
        onStarted: started.resolve,
        onFailed: started.reject,
        onEnded: ended.resolve,
        pid: undefined,
      });
      const env = Object.fromEntries(
        Object.entries(options.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
      );
      const graceMs = options.graceMs ?? SERVER_GRACE_MS;
      send(guard, {
        type: 'start',
        id,
        command,
        args,
        env,
        graceMs,
        ...(logFile === undefined ? {} : { logFile }),
      });
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
      await gone;
    },
  };
}

function dispatch(entries: Map<number, Entry>, report: ReturnType<typeof guardReportSchema.parse>): void {
  const entry = entries.get(report.id);
  if (entry === undefined) return;
  switch (report.type) {
    case 'started':
      entry.pid = report.pid;
      entry.onStarted(report.pid);
      return;
    case 'failed':
      entries.delete(report.id);
      entry.onFailed(new Error(report.message));
      return;
    case 'ended':
      entries.delete(report.id);
      entry.onEnded({ code: report.code, signal: report.signal });
  }
}

/** The guard is gone, so nobody ends its processes any more: this process does. */
function abandon(entries: Map<number, Entry>): void {
  for (const entry of entries.values()) {
    try {
      if (entry.pid !== undefined) process.kill(-entry.pid, 'SIGKILL');
    } catch {
      // It ended with the guard.
    }
    entry.onFailed(new Error('The guard of the local processes ended.'));
    entry.onEnded({ code: null, signal: 'SIGKILL' });
  }
  entries.clear();
}

function send(guard: ChildProcess, order: GuardOrder): void {
  // A broken channel also shows as the guard's exit, which settles everything that waits.
  guard.send(order, () => undefined);
}
