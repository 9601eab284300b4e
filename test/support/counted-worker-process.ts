import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { recordOf } from '../../src/domain/defined-fields.ts';
import { CALLED_SERVERS, type CallCounts } from './call-counts.ts';

/** The way of a video. */
export const COUNTED_QUEUES = ['download', 'upload', 'sync', 'retry'] as const;

/** What a worker has called and used since its start. */
export interface WorkerReport {
  readonly calls: CallCounts;
  /** User and system time. */
  readonly cpuMs: number;
}

/** A worker process that counts its calls. */
export interface CountedWorker {
  readonly pid: number;
  report(): Promise<WorkerReport>;
  /** Asks it to stop, and waits. @throws Error when it fails */
  stop(): Promise<void>;
}

const SCRIPT = fileURLToPath(new URL('counted-worker.ts', import.meta.url));
const READY_DEADLINE_MS = 60_000;
const LOOK_EVERY_MS = 50;

/**
 * Starts a worker process that counts, and waits until it works on all its queues.
 * @param logFile for its log, as a real worker has one
 * @param nodeOptions such as `--cpu-prof`
 */
export async function startCountedWorker(
  variables: Readonly<Record<string, string | undefined>>,
  logFile: string,
  nodeOptions: readonly string[] = [],
): Promise<CountedWorker> {
  const mongoUrl = new URL(variables['MONGO_URL'] ?? '');
  mongoUrl.searchParams.set('monitorCommands', 'true');
  const log = createWriteStream(logFile);
  await once(log, 'open');
  const child = fork(SCRIPT, [], {
    env: { ...variables, MONGO_URL: mongoUrl.href, LOG_LEVEL: 'info', NODE_OPTIONS: '' },
    execArgv: [...nodeOptions],
    // Counts are maps.
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', log, 'ipc'],
  });
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  log.close();
  const fail = (code: unknown) =>
    new Error(`The worker ended with ${String(code)}:\n${readFileSync(logFile, 'utf8').slice(-2_000)}`);
  const early = ended.then((code) => Promise.reject(fail(code)));
  early.catch(() => undefined);
  await Promise.race([early, waitForQueues(logFile)]);
  return {
    pid: child.pid ?? 0,
    report: async () => {
      const answer = once(child, 'message');
      child.send('report');
      const [report] = (await Promise.race([answer, early])) as [WorkerReport];
      return report;
    },
    stop: async () => {
      child.kill('SIGTERM');
      const code = await ended;
      if (code !== 0) throw fail(code);
    },
  };
}

async function waitForQueues(logFile: string): Promise<void> {
  const until = performance.now() + READY_DEADLINE_MS;
  while (readFileSync(logFile, 'utf8').split('"Working"').length <= COUNTED_QUEUES.length) {
    if (performance.now() > until) throw new Error(readFileSync(logFile, 'utf8').slice(-2_000));
    await delay(LOOK_EVERY_MS);
  }
}

/** What was called between two reports. */
export function callsBetween(before: CallCounts, after: CallCounts): CallCounts {
  return recordOf(CALLED_SERVERS, (server) => {
    const earlier = before[server];
    return new Map(after[server].entries().map(([name, count]) => [name, count - (earlier.get(name) ?? 0)]));
  });
}
