/** `npm start`: runs the servers that the environment does not name, a worker and the dashboard; adds playlist.txt. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from '../src/runtime/user-error.ts';
import { claimPidFile } from '../src/runtime/pid-file.ts';

const CHECKOUT = fileURLToPath(new URL('..', import.meta.url));
const STATE = path.join(CHECKOUT, '.sonotheque');
/** Signals this close together count as one: service managers and npm may send the same one more than once. */
const SAME_SIGNAL_MS = 500;

const say = (line: string) => {
  process.stdout.write(`${line}\n`);
};
// Without a reader, such as a terminal that was closed, everything goes on until a signal comes.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

try {
  // What is still starting must not keep this process alive.
  process.exit(await start());
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(error.exitCode);
}

async function start(): Promise<number> {
  mkdirSync(STATE, { recursive: true });
  const releasePidFile = claimPidFile(path.join(STATE, 'start.pid'), {
    program: 'start.ts',
    what: 'npm start',
  });
  const stop = new AbortController();
  const signals: NodeJS.Signals[] = [];
  let firstAt = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (signals.length > 0 && Date.now() - firstAt < SAME_SIGNAL_MS) return;
      // The guard ends all processes when this one has ended.
      if (signals.length > 0) process.exit(signal === 'SIGINT' ? 130 : 1);
      firstAt = Date.now();
      signals.push(signal);
      stop.abort();
    });
  }
  try {
    say('Starting the servers, a worker and the dashboard …');
    // Loaded after the first line: its packages take seconds on a slow disk.
    const { removeEnvironmentFile, run } = await import('./start/run.ts');
    try {
      // A run that was killed may have left it; its servers no longer run.
      removeEnvironmentFile(CHECKOUT);
      await run({ checkout: CHECKOUT, state: STATE, stop: stop.signal, say });
    } finally {
      removeEnvironmentFile(CHECKOUT);
    }
  } finally {
    releasePidFile();
  }
  return signals[0] === 'SIGTERM' ? 0 : signals[0] === 'SIGHUP' ? 129 : 130;
}
