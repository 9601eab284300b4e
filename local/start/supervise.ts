import { setTimeout as delay } from 'node:timers/promises';
import type { GuardedProcess } from '../guard-client.ts';

const FIRST_DELAY_MS = 1_000;
const MAX_DELAY_MS = 30_000;
/** A process that ran this long was healthy: after its next failure the first delay is used again. */
const HEALTHY_MS = 60_000;

export interface Supervised {
  readonly name: string;
  readonly process: GuardedProcess;
  readonly restart: () => Promise<GuardedProcess>;
}

/**
 * Restarts a process whenever it ends, after delays that double, until the signal is aborted.
 * @returns the last process, which may still be running.
 */
export async function supervise(
  supervised: Supervised,
  signal: AbortSignal,
  onLine: (line: string) => void,
): Promise<GuardedProcess | undefined> {
  let current: GuardedProcess | undefined = supervised.process;
  let delayMs = FIRST_DELAY_MS;
  const stopped = new Promise<'stopped'>((resolve) => {
    signal.addEventListener('abort', () => {
      resolve('stopped');
    });
  });
  while (!signal.aborted) {
    const startedAt = Date.now();
    const outcome = await Promise.race([current?.ended ?? Promise.resolve(undefined), stopped]);
    if (outcome === 'stopped') break;
    if (Date.now() - startedAt > HEALTHY_MS) delayMs = FIRST_DELAY_MS;
    const how = outcome === undefined ? 'did not start' : `ended (${String(outcome.signal ?? outcome.code)})`;
    const where = current?.logFile === undefined ? '' : `; see ${current.logFile}`;
    onLine(`The ${supervised.name} ${how}; restarting it in ${delayMs / 1000} s${where}`);
    current = undefined;
    await delay(delayMs, undefined, { signal }).catch(() => undefined);
    delayMs = Math.min(delayMs * 2, MAX_DELAY_MS);
    if (!isAborted(signal)) current = await supervised.restart().catch(() => undefined);
  }
  return current;
}

/** A function, because the compiler takes `signal.aborted` for unchanged since the loop's condition. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
