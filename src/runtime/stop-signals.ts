import process from 'node:process';

/** One Ctrl-C reaches a program from the terminal, from npm and from the launcher: signals this close are one. */
const SAME_SIGNAL_MS = 500;

/**
 * Calls `handle` for each distinct SIGINT, SIGTERM or SIGHUP (the terminal was closed).
 * @returns a function that stops listening.
 */
export function onStopSignals(handle: (signal: NodeJS.Signals) => void): () => void {
  let lastAt = Number.NEGATIVE_INFINITY;
  const listen = (signal: NodeJS.Signals) => {
    const isSame = performance.now() - lastAt < SAME_SIGNAL_MS;
    lastAt = performance.now();
    if (!isSame) handle(signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, listen);
  return () => {
    for (const signal of signals) process.off(signal, listen);
  };
}
