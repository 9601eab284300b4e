import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { startServers, type StartServersOptions } from '../../local/servers/start-servers.ts';
import type { CloseAtEnd } from '../../src/cli/command/run-command.ts';
import { gatherEnvironment } from '../../src/config/load.ts';

export const ROOT = path.join(import.meta.dirname, '../..');

/**
 * Starts the servers of a benchmark that the environment does not name, and puts what reaches them there.
 * @param persistence `disk` for more data than fits in memory
 * @returns a directory of the benchmark, which is removed at the end
 */
export async function startBenchServers(
  closeAtEnd: CloseAtEnd,
  wanted: StartServersOptions['wanted'],
  persistence: StartServersOptions['persistence'] = 'memory',
): Promise<string> {
  const directory = mkdtempSync(path.join(tmpdir(), 'sonotheque-bench-'));
  closeAtEnd({
    close: () => {
      rmSync(directory, { recursive: true, force: true });
    },
  });
  const servers = closeAtEnd(
    await startServers({
      checkout: ROOT,
      directory: path.join(directory, 'servers'),
      wanted,
      persistence,
      environment: gatherEnvironment(process.env),
      onLine: (line) => {
        console.error(line);
      },
    }),
  );
  Object.assign(process.env, servers.variables);
  return directory;
}
