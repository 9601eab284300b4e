import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { closeServer } from '../../src/runtime/listen.ts';
import { listenOnFreePort } from '../listen.ts';

/** A stand-in for one service that documents are collected from. */
export interface Upstream {
  /** The first part of its paths. */
  readonly name: string;
  /** @param path the part after the name, with its query: `/feed.xml?page=2`. */
  handle(request: IncomingMessage, response: ServerResponse, path: URL): void | Promise<void>;
}

export interface RunningUpstreams {
  /** The URL of one of them, without a slash at the end. */
  addressOf(name: string): string;
  close(): Promise<void>;
}

/** Serves stand-ins on a free port of 127.0.0.1, each under its own name. */
export async function startUpstreams(upstreams: readonly Upstream[]): Promise<RunningUpstreams> {
  const server = createServer((request, response) => {
    const [, name = ''] = /^\/([^/?]*)/.exec(request.url ?? '/') ?? [];
    const upstream = upstreams.find((candidate) => candidate.name === name);
    if (upstream === undefined) {
      response.writeHead(404).end();
      return;
    }
    const rest = (request.url ?? '').slice(name.length + 1);
    const path = new URL(rest.startsWith('/') ? rest : `/${rest}`, 'http://upstream.invalid');
    Promise.resolve(upstream.handle(request, response, path)).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined);
    });
  });
  const port = await listenOnFreePort(server);
  return {
    addressOf: (name) => `http://127.0.0.1:${String(port)}/${name}`,
    close: () => closeServer(server),
  };
}

/** A response in JSON; a text is sent as it is. */
export interface JsonResponse {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export function sendJson(response: ServerResponse, { status, body = {}, headers }: JsonResponse): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
