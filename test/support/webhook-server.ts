import { createServer, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';

export interface ReceivedMessage {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A webhook on this machine that records the requests. */
export interface WebhookServer {
  readonly url: string;
  readonly received: ReceivedMessage[];
  /** The statuses of the next responses, then 200. `hang` never answers. */
  readonly answers: (number | 'hang')[];
  close(): Promise<void>;
}

/** Starts a webhook on a free port. */
export async function startWebhookServer(): Promise<WebhookServer> {
  const received: ReceivedMessage[] = [];
  const answers: (number | 'hang')[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { method = '', url = '', headers } = request;
      received.push({ method, path: url, headers, body });
      const answer = answers.shift() ?? 200;
      if (answer === 'hang') return;
      if (answer >= 300 && answer < 400) response.setHeader('location', '/elsewhere');
      response.writeHead(answer).end('noted');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}`,
    received,
    answers,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
