import { fingerprintOf } from '../remembered-versions.ts';
import { findYtDlpPython } from './find-python.ts';
import { ForkServer, type ForkRequest } from './fork-server.ts';
import type { ForkedProcess } from './forked-process.ts';

interface Known {
  /** Of the program: another one after an update. */
  readonly fingerprint: string;
  readonly python: string | undefined;
  server: ForkServer | undefined;
  /** Forks in a row that could not be made. */
  failures: number;
}

type Usable = Known & { readonly python: string };

/** Then the server is not tried again until the program changes. */
const MAX_FAILURES = 3;

const known = new Map<string, Known>();

/**
 * Runs yt-dlp in a fork of a process that has loaded it.
 * @returns undefined where that is impossible: the program is not a script of pip's, this is not Linux (a fork of a process with
 * the libraries of other systems is not safe), or the server does not answer
 */
export async function forkYtDlp(request: ForkRequest): Promise<ForkedProcess | undefined> {
  const entry = await usable(request.program);
  if (entry === undefined) return undefined;
  const forked = await startServer(entry)
    ?.fork(request)
    .catch(() => undefined);
  entry.failures = forked === undefined ? entry.failures + 1 : 0;
  return forked;
}

/** Lets yt-dlp be loaded while this process does something else, so that the first fork need not wait for it. */
export async function prepareYtDlpForks(program: string): Promise<void> {
  const entry = await usable(program);
  if (entry !== undefined) startServer(entry);
}

/** What is known of a program that can be forked. */
async function usable(program: string): Promise<Usable | undefined> {
  if (process.platform !== 'linux') return undefined;
  const fingerprint = fingerprintOf(program);
  let entry = known.get(program);
  if (entry?.fingerprint !== fingerprint) {
    const found: Known = {
      fingerprint,
      python: await findYtDlpPython(program),
      server: undefined,
      failures: 0,
    };
    // Another call may have looked meanwhile.
    const latest = known.get(program);
    if (latest?.fingerprint === fingerprint) entry = latest;
    else {
      latest?.server?.close();
      known.set(program, found);
      entry = found;
    }
  }
  return canFork(entry) ? entry : undefined;
}

function canFork(entry: Known): entry is Usable {
  return entry.python !== undefined && entry.failures < MAX_FAILURES;
}

/** @returns undefined where the system gives no directory or no process: starting yt-dlp itself will say so. */
function startServer(entry: Usable): ForkServer | undefined {
  try {
    if (entry.server?.isUsable !== true) entry.server = new ForkServer(entry.python);
    return entry.server;
  } catch {
    return undefined;
  }
}
