import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { closeServer } from '../../src/runtime/listen.ts';

/** A stand-in for one service that documents are collected from. */
export interface Upstream {
  /** The first part of its addresses. */
  readonly name: string;
  /** @param path what follows the name, with its query: `/feed.xml?page=2`. */
  handle(request: IncomingMessage, response: ServerResponse, path: URL): void | Promise<void>;
}

/** A running server with the stand-ins. */
export interface RunningUpstreams {
  /** The address of one of them, without a slash at the end. */
  addressOf(name: string): string;
  close(): Promise<void>;
}

/** Serves stand-ins on a free port of this machine, each under its own name. */
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
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    addressOf: (name) => `http://127.0.0.1:${String(port)}/${name}`,
    close: () => closeServer(server),
  };
}
