import type { Credentials } from './credentials.ts';
import type { ServerDefinition } from './start-on-free-port.ts';
import type { Guard } from '../guard-client.ts';
import type { Tools } from './tools.ts';

export interface LocalServerOptions {
  readonly guard: Guard;
  /** Read only when needed: if the environment names all servers, the set-up need not have run. */
  readonly tools: () => Tools;
  /** The path of a program that the set-up found. @throws UserError when it found none. */
  readonly program: (name: 'redisServer' | 'minio') => string;
  /** The server's own directory; it exists. */
  readonly directory: string;
  readonly persistence: 'disk' | 'memory';
  readonly credentials: Credentials;
  readonly logFile: string;
  readonly onLine: (line: string) => void;
}

/** Defines a server; the variables are those with which the programs reach it at a port. */
export type LocalServer = (options: LocalServerOptions) => ServerDefinition & {
  readonly variables: (port: number) => Readonly<Record<string, string>>;
};
