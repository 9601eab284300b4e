import {
  createServer,
  request as sendRequest,
  Agent,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { seededRandom } from '../chaos/seeded-random.ts';

/** Shares of the exchanges (0 to 1) that go wrong in one way each. */
export interface FaultMix {
  /** Answered with 503 and an XML body, not forwarded; every second one with `Retry-After: 1`. */
  readonly busy?: number;
  /** The connection is reset before the request is forwarded. */
  readonly reset?: number;
  /** The body of the answer ends halfway, and the connection with it. */
  readonly truncate?: number;
  /** A bit of the answer's body is flipped. */
  readonly corrupt?: number;
  /** The request is done and its answer is lost. */
  readonly drop?: number;
  /** The request is taken and never answered; the connection stays open. */
  readonly stall?: number;
}

/** An HTTP proxy in front of one server that counts its exchanges and breaks some of them. */
export interface HttpFaultProxy {
  readonly host: string;
  readonly port: number;
  /** How many requests of each method came, broken or not: `GET`, `PUT`, … */
  readonly requests: ReadonlyMap<string, number>;
  readonly injected: ReadonlyMap<keyof FaultMix, number>;
  setMix(mix: FaultMix): void;
  /** Holds every answer for so long, like a server far away. */
  setDelay(delayMs: number): void;
  forgetCounts(): void;
  close(): Promise<void>;
}

const BUSY =
  '<?xml version="1.0" encoding="utf-8"?><Error><Code>SlowDown</Code><Message>busy</Message></Error>';

/** Starts a proxy on a free port of this machine. The seed decides which exchange gets which fault. */
export async function startHttpFaultProxy(
  target: { readonly host: string; readonly port: number },
  seed = 1,
): Promise<HttpFaultProxy> {
  const random = seededRandom(seed, 'http faults');
  const requests = new Map<string, number>();
  const injected = new Map<keyof FaultMix, number>();
  const agent = new Agent({ keepAlive: true });
  let mix: FaultMix = {};
  let delayMs = 0;

  const draw = (): keyof FaultMix | undefined => {
    let left = random();
    for (const kind of ['busy', 'reset', 'truncate', 'corrupt', 'drop', 'stall'] as const) {
      left -= mix[kind] ?? 0;
      if (left >= 0) continue;
      injected.set(kind, (injected.get(kind) ?? 0) + 1);
      return kind;
    }
    return undefined;
  };

  const server = createServer((request, response) => {
    const method = request.method ?? '';
    requests.set(method, (requests.get(method) ?? 0) + 1);
    const fault = draw();
    // Broken connections are the purpose of this program.
    for (const side of [request, response]) side.on('error', () => undefined);
    if (fault === 'reset') {
      request.socket.resetAndDestroy();
      return;
    }
    if (fault === 'stall') {
      request.resume();
      return;
    }
    if (fault === 'busy') {
      request.resume();
      const isPolite = random() < 0.5;
      response.writeHead(503, { 'content-type': 'application/xml', ...(isPolite && { 'retry-after': '1' }) });
      response.end(BUSY);
      return;
    }
    const onward = sendRequest(
      { ...target, agent, method, path: request.url, headers: request.rawHeaders, setHost: false },
      (answer) => {
        setTimeout(() => void passAnswer(answer, request, response, fault, random), delayMs);
      },
    );
    onward.on('error', () => request.socket.destroy());
    onward.on('continue', () => {
      response.writeContinue();
    });
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    server.emit('request', request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    requests,
    injected,
    setMix: (next) => {
      mix = next;
    },
    setDelay: (ms) => {
      delayMs = ms;
    },
    forgetCounts: () => {
      requests.clear();
      injected.clear();
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      agent.destroy();
    },
  };
}

async function passAnswer(
  answer: IncomingMessage,
  request: IncomingMessage,
  response: ServerResponse,
  fault: keyof FaultMix | undefined,
  random: () => number,
): Promise<void> {
  answer.on('error', () => response.destroy());
  if (fault === 'drop') {
    answer.resume();
    answer.on('end', () => request.socket.resetAndDestroy());
    return;
  }
  response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
  if (fault === undefined) {
    answer.pipe(response);
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  if (fault === 'truncate') {
    response.write(body.subarray(0, Math.floor(body.byteLength / 2)), () => request.socket.destroy());
    return;
  }
  const at = Math.floor(random() * body.byteLength);
  if (body.byteLength > 0) body[at] = (body[at] ?? 0) ^ (1 << Math.floor(random() * 7));
  response.end(body);
}
