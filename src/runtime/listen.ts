import type { Server } from 'node:http';
import { UserError } from './user-error.ts';

/**
 * Starts listening.
 * @param address port 0 chooses a free one; the error names `portVariable`, the environment variable of the port.
 * @returns the port, which differs from the requested one for 0.
 * @throws UserError in one line when the port is taken or not allowed.
 */
export async function listen(
  server: Server,
  address: { readonly host: string; readonly port: number; readonly portVariable: string },
): Promise<number> {
  const { host, port, portVariable } = address;
  await new Promise<void>((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => {
      const reason = REASONS.get(error.code ?? '') ?? `cannot be used (${error.code ?? error.message})`;
      reject(
        new UserError(`Port ${String(port)} of ${host} ${reason}. Choose another with ${portVariable}.`, {
          cause: error,
          exitCode: 2,
        }),
      );
    };
    server.once('error', onError);
    server.listen({ host, port }, () => {
      server.off('error', onError);
      resolve();
    });
  });
  const bound = server.address();
  return typeof bound === 'object' && bound !== null ? bound.port : port;
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['EADDRINUSE', 'is already taken'],
  ['EACCES', 'is not permitted to this user'],
  ['EADDRNOTAVAIL', 'is not available: this machine does not have that address'],
]);

/** Stops listening and closes every connection, also those that a client keeps alive. */
export async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}
