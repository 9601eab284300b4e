import type { Guard } from '../guard-client.ts';
import type { Credentials } from './credentials.ts';
import type { RunningServer } from './start-on-free-port.ts';
import type { Tools } from './tools.ts';

/** What every local server is started with. */
export interface LocalServerOptions {
  readonly guard: Guard;
  /** Read when needed only: where all servers are given, no set-up has to have run. */
  readonly tools: () => Tools;
  /** The path of a program that the set-up found. @throws UserError when it has none. */
  readonly program: (name: 'redisServer' | 'minio') => string;
  readonly directory: string;
  readonly persistence: 'disk' | 'memory';
  readonly credentials: Credentials;
  readonly logFile: string;
  readonly onLine: (line: string) => void;
}

/** Starts one server; the variables tell the rest of the program how to reach it. */
export type LocalServer = (options: LocalServerOptions) => Promise<{
  readonly server: RunningServer;
  readonly variables: Readonly<Record<string, string>>;
}>;
