import { setTimeout as pause } from 'node:timers/promises';
import type { GuardedProcess } from '../guard-client.ts';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** A process that ran this long was healthy: its next failure starts from the first pause again. */
const HEALTHY_MS = 60_000;

/** A process that is kept running. */
export interface Supervised {
  readonly name: string;
  readonly process: GuardedProcess;
  readonly restart: () => Promise<GuardedProcess>;
}

/**
 * Keeps a process running until the signal: one that ends is started again, after pauses that double.
 * @returns when the signal came; the last process may still run then. @see stopSupervised
 */
export async function supervise(
  supervised: Supervised,
  signal: AbortSignal,
  onLine: (line: string) => void,
): Promise<GuardedProcess | undefined> {
  let current: GuardedProcess | undefined = supervised.process;
  let pauseMs = FIRST_PAUSE_MS;
  const stopped = new Promise<'stopped'>((resolve) => {
    signal.addEventListener('abort', () => {
      resolve('stopped');
    });
  });
  while (!signal.aborted) {
    const startedAt = Date.now();
    const outcome = await Promise.race([current?.ended ?? Promise.resolve(undefined), stopped]);
    if (outcome === 'stopped') break;
    if (Date.now() - startedAt > HEALTHY_MS) pauseMs = FIRST_PAUSE_MS;
    const how = outcome === undefined ? 'did not start' : `ended (${String(outcome.signal ?? outcome.code)})`;
    const where = current?.logFile === undefined ? '' : `; its log is ${current.logFile}`;
    onLine(`The ${supervised.name} ${how}; starting it again in ${pauseMs / 1000} s${where}`);
    current = undefined;
    await pause(pauseMs, undefined, { signal }).catch(() => undefined);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    if (!isOver(signal)) current = await supervised.restart().catch(() => undefined);
  }
  return current;
}

/** Asked anew: the signal may have come during a pause, which the compiler cannot know. */
function isOver(signal: AbortSignal): boolean {
  return signal.aborted;
}
