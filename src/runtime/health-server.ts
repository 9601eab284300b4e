import { createServer, type ServerResponse } from 'node:http';
import { withDeadline } from './deadline.ts';
import { JobError } from '../domain/job-errors.ts';
import { closeServer, listen } from './listen.ts';

/** The conditions for this process to work, by name: each resolves when met, and rejects with the reason. */
export type HealthChecks = Readonly<Record<string, () => Promise<void>>>;

export interface HealthServerOptions {
  readonly host: string;
  /** 0 chooses a free one. */
  readonly port: number;
  readonly checks: HealthChecks;
  /** False from the moment the process is stopping. */
  readonly isLive?: () => boolean;
  /** For each check. */
  readonly checkDeadlineMs?: number;
}

export type HealthServer = Awaited<ReturnType<typeof startHealthServer>>;

const CHECK_DEADLINE_MS = 5_000;

/**
 * Serves `/livez` (200 while the event loop runs and the process is not stopping) and `/readyz` (200 when every
 * check passes, else 503), for container runtimes and load balancers.
 * @throws UserError when the port cannot be used.
 */
export async function startHealthServer(options: HealthServerOptions) {
  const { host, port, checks, isLive = () => true, checkDeadlineMs } = options;
  const checkReadiness = shareRuns(() => runHealthChecks(checks, checkDeadlineMs));
  const server = createServer((request, response) => {
    // No endpoint reads a body.
    request.resume();
    const path = (request.url ?? '').split('?', 1)[0];
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      respond(response, 405, { error: 'Only GET is allowed.' });
    } else if (path === '/livez') {
      respond(response, isLive() ? 200 : 503, { live: isLive() });
    } else if (path === '/readyz') {
      void checkReadiness().then((readiness) => {
        const ready = readiness.ready && isLive();
        respond(response, ready ? 200 : 503, { ...readiness, ready });
      });
    } else {
      respond(response, 404, { error: 'Not found. The endpoints are /livez and /readyz.' });
    }
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 10_000;
  const boundPort = await listen(server, { host, port, portVariable: 'HEALTH_PORT' });
  return { port: boundPort, close: () => closeServer(server) };
}

/**
 * Runs all checks in parallel, each under its deadline. Never rejects.
 * @returns the response of `/readyz`. `reason` is for people and has no secrets.
 */
export async function runHealthChecks(checks: HealthChecks, deadlineMs: number = CHECK_DEADLINE_MS) {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      try {
        await withDeadline(check, { deadlineMs, what: name });
        return { name, ok: true };
      } catch (error) {
        return { name, ok: false, reason: publicReason(error) };
      }
    }),
  );
  return { ready: results.every((result) => result.ok), checks: results };
}

/** Calls during a run share its result, so that many probes cost one check. */
export function shareRuns<T>(run: () => Promise<T>): () => Promise<T> {
  let current: Promise<T> | undefined;
  return () => {
    current ??= run().finally(() => {
      current = undefined;
    });
    return current;
  };
}

/** Anybody who reaches the port can read these: only messages of our own errors are shown. */
function publicReason(error: unknown): string {
  return error instanceof JobError ? error.message : 'Unexpected failure; the log tells more.';
}

function respond(response: ServerResponse, status: number, body: object): void {
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  });
  response.end(text);
}
