import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { toError } from '../../src/domain/job-errors.ts';
import { UserError } from '../../src/runtime/user-error.ts';
import type { GuardedProcess } from '../guard-client.ts';
import { listenOnFreePort } from '../listen.ts';

const MAX_PORTS = 5;
const READY_DEADLINE_MS = 60_000;
const PING_INTERVAL_MS = 40;

export interface ServerDefinition {
  readonly name: string;
  readonly start: (port: number) => Promise<GuardedProcess>;
  /** One request in the server's own protocol, with its credentials. Rejects while the server is not ready. */
  readonly ping: (port: number) => Promise<void>;
}

export interface RunningServer {
  readonly port: number;
  readonly process: GuardedProcess;
  /** Starts it on the same port after it has ended, and waits until it answers. */
  restart(): Promise<GuardedProcess>;
}

/**
 * Starts a server on a free port of 127.0.0.1 and waits until it answers.
 * Another program may take the port between the choice and the start, so a server that ends early is started again on
 * another port; the credentials in the ping show whether it is our server that answers.
 * @throws UserError with the end of the server's log when it does not start.
 */
export async function startOnFreePort(definition: ServerDefinition): Promise<RunningServer> {
  const reasons: string[] = [];
  while (reasons.length < MAX_PORTS) {
    const port = await freePort();
    const outcome = await startOn(definition, port);
    if ('process' in outcome)
      return {
        port,
        process: outcome.process,
        restart: async () => {
          const again = await startOn(definition, port);
          if ('reason' in again) throw new UserError(again.reason);
          return again.process;
        },
      };
    reasons.push(outcome.reason);
    if (outcome.isFinal) break;
  }
  throw new UserError(`The local ${definition.name} did not start: it ${reasons.at(-1) ?? ''}`);
}

/** `isFinal`: the server did not end by itself, so another port would not help. */
type StartOutcome =
  { readonly process: GuardedProcess } | { readonly reason: string; readonly isFinal: boolean };

async function startOn(definition: ServerDefinition, port: number): Promise<StartOutcome> {
  let process: GuardedProcess;
  try {
    process = await definition.start(port);
  } catch (error) {
    if (error instanceof UserError) throw error;
    return { reason: `cannot be run: ${toError(error).message}`, isFinal: true };
  }
  const ended = new AbortController();
  const reason = await Promise.race([
    waitForAnswer(definition, port, ended.signal),
    process.ended.then((ending) => `ended (${String(ending.signal ?? ending.code)})`),
  ]);
  if (reason === undefined) return { process };
  ended.abort();
  const isFinal = !reason.startsWith('ended');
  await process.stop();
  return { reason: `${reason}. ${lastLines(process.logFile)}`, isFinal };
}

/** @returns undefined once the server answers, else the reason why it did not in time. */
async function waitForAnswer(
  definition: ServerDefinition,
  port: number,
  ended: AbortSignal,
): Promise<string | undefined> {
  const deadline = Date.now() + READY_DEADLINE_MS;
  for (;;) {
    try {
      await definition.ping(port);
      return undefined;
    } catch (error) {
      if (ended.aborted) return 'ended';
      if (Date.now() > deadline) return `did not answer (${toError(error).message})`;
      await delay(PING_INTERVAL_MS);
    }
  }
}

/** A port of 127.0.0.1 that is not in use at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listenOnFreePort(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function lastLines(file: string | undefined): string {
  if (file === undefined) return '';
  try {
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    return `The end of its log ${file}: ${lines.slice(-5).join(' | ').slice(-800)}`;
  } catch {
    return `Its log ${file} cannot be read.`;
  }
}
