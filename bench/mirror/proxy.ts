import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Traffic {
  readonly requests: number;
  readonly upBytes: number;
  readonly downBytes: number;
}

export interface BenchProxy {
  readonly host: string;
  readonly port: number;
  /** What passed since the last call. */
  traffic(): Promise<Traffic>;
  close(): void;
}

/** Starts a proxy in a process of its own, so that it takes no time of what is measured. */
export async function startProxy(
  target: { readonly host: string; readonly port: number },
  rttMs: number,
): Promise<BenchProxy> {
  const file = fileURLToPath(new URL('proxy-process.ts', import.meta.url));
  const child = fork(file, [target.host, String(target.port), String(rttMs)]);
  const [started] = (await once(child, 'message')) as [{ readonly port: number }];
  return {
    host: '127.0.0.1',
    port: started.port,
    traffic: async () => {
      child.send('traffic');
      const [traffic] = (await once(child, 'message')) as [Traffic];
      return traffic;
    },
    close: () => {
      child.disconnect();
    },
  };
}

/** Two servers, or their proxies. */
export const sum = (one: Traffic, other: Traffic): Traffic => ({
  requests: one.requests + other.requests,
  upBytes: one.upBytes + other.upBytes,
  downBytes: one.downBytes + other.downBytes,
});
