import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { GuardedProcess } from '../guard-client.ts';

const PORT_TRIES = 5;
const READY_DEADLINE_MS = 60_000;
const PING_INTERVAL_MS = 40;

/** How a server is started on a port and how one sees that it answers. */
export interface ServerRecipe {
  readonly name: string;
  readonly start: (port: number) => Promise<GuardedProcess>;
  /** One exchange in the server's own protocol, with its login. Rejects while the server is not ready. */
  readonly ping: (port: number) => Promise<void>;
}

/** A server that answered. */
export interface RunningServer {
  readonly port: number;
  readonly process: GuardedProcess;
  /** Starts it again on the same port, after it ended, and waits until it answers. */
  restart(): Promise<GuardedProcess>;
}

/**
 * Starts a server on a free port of 127.0.0.1 and waits until it answers.
 * Another program may take the port between the choice and the start, so a server that ends early is started again
 * on another one; the login in the ping tells ours from a stranger's.
 * @throws Error with the end of the server's log when it does not come up.
 */
export async function startOnFreePort(recipe: ServerRecipe): Promise<RunningServer> {
  const reasons: string[] = [];
  while (reasons.length < PORT_TRIES) {
    const port = await freePort();
    const outcome = await startOn(recipe, port);
    if (!('reason' in outcome))
      return {
        port,
        process: outcome.process,
        restart: async () => {
          const again = await startOn(recipe, port);
          if ('reason' in again) throw new Error(again.reason);
          return again.process;
        },
      };
    reasons.push(outcome.reason);
    if (outcome.isFinal) break;
  }
  throw new Error(`The local ${recipe.name} did not start; it ${reasons.at(-1) ?? ''}`);
}

/** `isFinal`: it did not end by itself, so another port would not help. */
type StartOutcome =
  { readonly process: GuardedProcess } | { readonly reason: string; readonly isFinal: boolean };

async function startOn(recipe: ServerRecipe, port: number): Promise<StartOutcome> {
  const process = await recipe.start(port);
  const silence = new AbortController();
  const reason = await Promise.race([
    answers(recipe, port, silence.signal),
    process.ended.then((ending) => `ended (${String(ending.signal ?? ending.code)})`),
  ]);
  if (reason === undefined) return { process };
  silence.abort();
  const isFinal = !reason.startsWith('ended');
  await process.stop();
  return { reason: `${reason}: ${lastLines(process.logFile)}`, isFinal };
}

/** @returns undefined once the server answered, else why it did not in time. */
async function answers(recipe: ServerRecipe, port: number, ended: AbortSignal): Promise<string | undefined> {
  const deadline = Date.now() + READY_DEADLINE_MS;
  for (;;) {
    try {
      await recipe.ping(port);
      return undefined;
    } catch (error) {
      if (ended.aborted) return 'ended';
      if (Date.now() > deadline)
        return `did not answer (${error instanceof Error ? error.message : String(error)})`;
      await pause(PING_INTERVAL_MS);
    }
  }
}

/** A port of 127.0.0.1 that nobody uses at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No port of 127.0.0.1 is free.');
  return address.port;
}

function lastLines(file: string | undefined): string {
  if (file === undefined) return 'no log';
  try {
    return readFileSync(file, 'utf8').trim().split('\n').slice(-5).join(' | ').slice(-800);
  } catch {
    return 'no log';
  }
}
