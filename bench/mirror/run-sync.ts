import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import process from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { listenOnFreePort } from '../../test/support/free-listener.ts';
import { cpuSecondsOf, measureChild, peakOf, type ChildFigures } from '../support/measure-child.ts';
import { childEnvironment, type Route } from './stand.ts';

const program = (name: string) => fileURLToPath(new URL(`../../src/cli/${name}.ts`, import.meta.url));
const QUIET = '--disable-warning=ExperimentalWarning';

/** Runs `npm run sync` without npm and launcher, 32 copies at once. */
export async function runSync(route: Route, args: readonly string[] = []): Promise<ChildFigures> {
  const options = args.includes('--workers') ? [] : ['--concurrency', '32'];
  return await measureChild(
    process.execPath,
    [QUIET, program('sync'), '--json', ...options, ...args],
    childEnvironment(route.variables),
  );
}

/** Runs it with worker processes that are up already; their CPU time counts. */
export async function runWithWorkers(route: Route, count: number): Promise<ChildFigures> {
  const workers = await Promise.all(Array.from({ length: count }, () => startWorker(route)));
  const pids = workers.flatMap(({ pid }) => pid ?? []);
  const cpu = () => pids.reduce((total, pid) => total + cpuSecondsOf(pid), 0);
  try {
    const before = cpu();
    const figures = await runSync(route, ['--workers']);
    const peakMegabytes = Math.max(figures.peakMegabytes, ...pids.map(peakOf));
    return { ...figures, cpuSeconds: figures.cpuSeconds + cpu() - before, peakMegabytes };
  } finally {
    await Promise.all(
      workers.map(async (worker) => {
        const exited = once(worker, 'exit');
        worker.kill('SIGTERM');
        await exited;
      }),
    );
  }
}

async function startWorker(route: Route): Promise<ChildProcess> {
  const placeholder = createServer();
  const port = await listenOnFreePort(placeholder);
  await new Promise((resolve) => placeholder.close(resolve));
  const child = spawn(process.execPath, [QUIET, program('worker'), 'sync'], {
    env: { ...childEnvironment(route.variables), HEALTH_PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const isReady = () =>
    fetch(`http://127.0.0.1:${String(port)}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isReady())) {
    if (child.exitCode !== null) throw new Error('A worker has ended.');
    await setTimeout(100);
  }
  return child;
}
