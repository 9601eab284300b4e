import { connect } from 'node:net';

export interface Address {
  readonly host: string;
  readonly port: number;
}

const DEFAULT_PORT = 27_017;
/** A host that answers neither yes nor no is left to the driver and its own deadlines. */
const TIMEOUT_MS = 1_000;

/** The addresses that a URL of MongoDB names; none for forms that must be looked up first (`mongodb+srv:`). */
export function addressesOf(url: string): readonly Address[] {
  const [, hosts = ''] = /^mongodb:\/\/(?:[^/]*@)?([^/?]*)/.exec(url) ?? [];
  return hosts.split(',').flatMap((text) => {
    const [, host = '', port] = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(text) ?? [];
    if (host === '') return [];
    return [{ host: host.replace(/^\[|\]$/g, ''), port: port === undefined ? DEFAULT_PORT : Number(port) }];
  });
}

/** Whether every address refuses a connection at once: nothing listens there. False when there are none. */
export async function refuses(addresses: readonly Address[]): Promise<boolean> {
  if (addresses.length === 0) return false;
  const answers = await Promise.all(addresses.map(isRefused));
  return answers.every(Boolean);
}

function isRefused({ host, port }: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(TIMEOUT_MS, () => {
      end(false);
    });
    socket.once('connect', () => {
      end(false);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      // All addresses of a name (IPv4 and IPv6) are tried: then it is an AggregateError with the same code.
      end(error.code === 'ECONNREFUSED');
    });
  });
}
