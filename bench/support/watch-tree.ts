import { childrenOf, commandOf, processTimes, type ProcessTimes } from './process-times.ts';

/** How much of a process is missed at its end, at most; reading /proc takes about 1 ms. */
const SAMPLE_MS = 50;

export interface SeenProcess extends ProcessTimes {
  readonly command: string;
}

/**
 * Watches the descendants of a process: those that nobody waits for leave no times behind. The times of each are those that were
 * seen last, so up to 50 ms of its end are missing.
 * @returns a function that ends it and tells what was seen
 */
export function watchTree(root: number): () => readonly SeenProcess[] {
  const seen = new Map<number, SeenProcess>();
  const look = (pid: number) => {
    const command = commandOf(pid);
    // Between its end and its parent's wait a process has no command any more.
    if (command !== '') seen.set(pid, { command, ...processTimes(pid) });
    for (const child of childrenOf(pid)) look(child);
  };
  const sample = () => {
    for (const child of childrenOf(root)) look(child);
  };
  const sampling = setInterval(sample, SAMPLE_MS);
  return () => {
    clearInterval(sampling);
    sample();
    return [...seen.values()];
  };
}
