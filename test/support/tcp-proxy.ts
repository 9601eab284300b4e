import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

export type Fault =
  | { readonly kind: 'none' }
  /** Each connection is closed at once. */
  | { readonly kind: 'refuse' }
  /** Connections are accepted, nothing is forwarded. */
  | { readonly kind: 'silent' }
  /** After so many bytes in one direction nothing more is forwarded; the connection stays open. */
  | { readonly kind: 'stall'; readonly direction: Direction; readonly afterBytes: number }
  /** After so many bytes in one direction both ends are reset. */
  | { readonly kind: 'reset'; readonly direction: Direction; readonly afterBytes: number }
  /** After so many bytes in one direction both ends are closed in an orderly way. */
  | { readonly kind: 'cut'; readonly direction: Direction; readonly afterBytes: number }
  /** The request reaches the server; its response is dropped and the client reset. */
  | { readonly kind: 'drop-response'; readonly afterRequestBytes: number }
  /** Every chunk is forwarded with this delay. */
  | { readonly kind: 'delay'; readonly delayMs: number };

/** Seen from the client: requests go up, responses come down. */
export type Direction = 'up' | 'down';

/** A proxy on a free port of this machine. */
export interface TcpProxy {
  readonly host: string;
  readonly port: number;
  /** Connections accepted so far. */
  readonly connections: number;
  /**
   * Sets the fault of later connections, and cuts existing ones so that none is reused.
   * @param times the fault ends after so many connections; without it, at the next call.
   */
  setFault(fault: Fault, times?: number): void;
  close(): Promise<void>;
}

const NONE: Fault = { kind: 'none' };

/** A proxy in front of the server of a URL. */
export interface UrlProxy extends TcpProxy {
  /** The same URL through the proxy. */
  readonly url: string;
}

/** Starts a proxy in front of the server of a URL, such as `REDIS_URL`. */
export async function startUrlProxy(address: string): Promise<UrlProxy> {
  const url = new URL(address);
  const proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
  url.port = String(proxy.port);
  return Object.assign(proxy, { url: url.href });
}

/** Starts a proxy in front of a server, for tests of what goes wrong between the two. */
export async function startTcpProxy(target: {
  readonly host: string;
  readonly port: number;
}): Promise<TcpProxy> {
  let fault: Fault = NONE;
  let faultsLeft = Infinity;
  let connections = 0;
  const open = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: false }, (client) => {
    connections += 1;
    const own = faultsLeft > 0 ? fault : NONE;
    faultsLeft -= 1;
    track(open, client);
    if (own.kind === 'refuse') {
      client.resetAndDestroy();
      return;
    }
    if (own.kind === 'silent') {
      client.resume();
      return;
    }
    const upstream = connect(target.port, target.host);
    track(open, upstream);
    client.on('close', () => upstream.destroy());
    // The server must still write a dropped response completely, as if it were in transfer.
    upstream.on('close', () => client.destroy());
    join(client, upstream, 'up', own);
    join(upstream, client, 'down', own);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { address, port } = server.address() as AddressInfo;
  const destroyAll = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    host: address,
    port,
    get connections() {
      return connections;
    },
    setFault: (next, times = Infinity) => {
      fault = next;
      faultsLeft = times;
      destroyAll();
    },
    close: async () => {
      destroyAll();
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
  };
}

function track(open: Set<Socket>, socket: Socket): void {
  open.add(socket);
  socket.on('close', () => open.delete(socket));
  // Socket errors are expected here.
  socket.on('error', () => undefined);
}

function join(from: Socket, to: Socket, direction: Direction, fault: Fault): void {
  let passedBytes = 0;
  from.on('end', () => to.end());
  from.on('data', (chunk: Buffer) => {
    passedBytes += chunk.byteLength;
    switch (fault.kind) {
      case 'delay':
        setTimeout(() => to.write(chunk), fault.delayMs);
        return;
      case 'drop-response':
        if (direction === 'down' && to.bytesRead >= fault.afterRequestBytes) to.resetAndDestroy();
        else to.write(chunk);
        return;
      case 'stall':
      case 'reset':
      case 'cut':
        if (direction === fault.direction && passedBytes > fault.afterBytes) {
          const before = chunk.byteLength - (passedBytes - fault.afterBytes);
          if (before > 0) to.write(chunk.subarray(0, before));
          end(from, to, fault.kind);
          return;
        }
        break;
      case 'none':
      case 'refuse':
      case 'silent':
        break;
    }
    if (!to.write(chunk)) {
      from.pause();
      to.once('drain', () => from.resume());
    }
  });
}

function end(from: Socket, to: Socket, how: 'stall' | 'reset' | 'cut'): void {
  switch (how) {
    case 'stall':
      // Keep reading, so that the sender waits for a response and not for a full buffer.
      from.removeAllListeners('data');
      from.resume();
      return;
    case 'reset':
      from.resetAndDestroy();
      to.resetAndDestroy();
      return;
    case 'cut':
      from.end();
      to.end();
      return;
  }
}
