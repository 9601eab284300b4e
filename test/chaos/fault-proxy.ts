import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { ExchangeFault, FaultKind } from './schedule.ts';

/** A proxy in front of one server that breaks some of the exchanges (requests with their responses). */
export interface FaultProxy {
  readonly port: number;
  /** All exchanges so far, broken or not. */
  readonly exchanges: number;
  readonly injected: Readonly<Partial<Record<FaultKind, number>>>;
  /** Lets every later exchange pass. */
  stopFaults(): void;
  close(): Promise<void>;
}

/**
 * Starts a proxy on a free port of this machine. An exchange starts when the client sends after a response (or for the
 * first time): one HTTP request, or one batch of Redis commands.
 * @param draw the fault of the next exchange.
 */
export async function startFaultProxy(targetPort: number, draw: () => ExchangeFault): Promise<FaultProxy> {
  const open = new Set<Socket>();
  const injected: Partial<Record<FaultKind, number>> = {};
  let exchanges = 0;
  let isStopped = false;

  const next = (): ExchangeFault => {
    exchanges += 1;
    // Drawn after the stop too, so that the schedule does not depend on the time of the stop.
    const fault = draw();
    if (isStopped || fault.kind === 'none') return { kind: 'none' };
    injected[fault.kind] = (injected[fault.kind] ?? 0) + 1;
    return fault;
  };

  const server = createServer((client) => {
    const upstream = connect(targetPort, '127.0.0.1');
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.setNoDelay(true);
      // Broken connections are the purpose of this program.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    pass(client, upstream, next);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    get exchanges() {
      return exchanges;
    },
    injected,
    stopFaults: () => {
      isStopped = true;
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

/** Joins two sockets; the state is the direction of the last bytes and the fault of their exchange. */
function pass(client: Socket, upstream: Socket, next: () => ExchangeFault): void {
  let isRequest = false;
  let isBroken = false;
  let fault: ExchangeFault = { kind: 'none' };
  const reset = () => {
    client.resetAndDestroy();
    upstream.resetAndDestroy();
  };

  client.on('data', (chunk: Buffer) => {
    // A broken connection passes nothing more: bytes after a gap would be misread.
    if (isBroken) return;
    if (!isRequest) {
      isRequest = true;
      fault = next();
      if (fault.kind === 'lose-request') {
        isBroken = true;
        reset();
        return;
      }
      if (fault.kind === 'cut-request') {
        isBroken = true;
        upstream.write(chunk.subarray(0, Math.floor(chunk.byteLength / 2)), reset);
        return;
      }
    }
    forward(client, upstream, chunk);
  });

  upstream.on('data', (chunk: Buffer) => {
    if (isBroken) return;
    isRequest = false;
    isBroken = fault.kind !== 'none';
    switch (fault.kind) {
      case 'lose-answer':
        reset();
        return;
      case 'cut-answer':
        client.end(chunk.subarray(0, Math.floor(chunk.byteLength / 2)), reset);
        return;
      case 'stall':
        setTimeout(reset, fault.forMs);
        return;
      case 'none':
      case 'lose-request':
      case 'cut-request':
        forward(upstream, client, chunk);
    }
  });
  client.on('end', () => upstream.end());
  upstream.on('end', () => client.end());
}

function forward(from: Socket, to: Socket, chunk: Buffer): void {
  if (to.write(chunk)) return;
  from.pause();
  to.once('drain', () => from.resume());
}
