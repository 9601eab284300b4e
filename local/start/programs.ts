import { createServer } from 'node:net';
import path from 'node:path';
import { once } from 'node:events';
import type { Guard, GuardedOptions, GuardedProcess } from '../guard-client.ts';
import { compileCacheOf } from '../setup/compile-cache.mjs';
import { freePort } from '../servers/start-on-free-port.ts';

/** The default of DASHBOARD_PORT. */
const DEFAULT_DASHBOARD_PORT = 3000;
const DEFAULT_GRACE_SECONDS = 30;
/** A worker needs more than its grace period to end its child processes and put back its jobs. */
const WORKER_MARGIN_MS = 10_000;

/** Starts a command of src/cli/ that ends with this process. */
export function startProgram(
  guard: Guard,
  checkout: string,
  name: string,
  options: GuardedOptions,
): Promise<GuardedProcess> {
  const program = path.join(checkout, 'src', 'cli', `${name}.ts`);
  return guard.spawnGuarded(name, process.execPath, ['--disable-warning=ExperimentalWarning', program], {
    ...options,
    env: { NODE_COMPILE_CACHE: compileCacheOf(name), ...options.env },
  });
}

/** The configured port, else the default if it is free, else any free port. */
export async function dashboardPort(configured: string | undefined): Promise<number> {
  if (configured !== undefined) return Number(configured);
  const probe = createServer().listen(DEFAULT_DASHBOARD_PORT, '127.0.0.1');
  try {
    await once(probe, 'listening');
  } catch {
    return freePort();
  }
  probe.close();
  await once(probe, 'close');
  return DEFAULT_DASHBOARD_PORT;
}

/** How long a worker may take to stop. @param seconds the value of SHUTDOWN_GRACE_SECONDS */
export function workerGraceMs(seconds: string | undefined): number {
  const given = Number(seconds ?? DEFAULT_GRACE_SECONDS);
  return (Number.isFinite(given) ? given : DEFAULT_GRACE_SECONDS) * 1000 + WORKER_MARGIN_MS;
}
