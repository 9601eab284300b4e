import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { SERVER_NAMES, startServers } from '../../local/servers/start-servers.ts';
import { rememberForTearDown } from './running-servers.ts';

/** Starts the servers that the tests need, once for the whole run, and tells the tests where they are. */
export default async function globalSetUp(): Promise<void> {
  const checkout = fileURLToPath(new URL('../..', import.meta.url));
  const directory = mkdtempSync(path.join(tmpdir(), 'sonotheque-tests-'));
  const servers = await startServers({
    checkout,
    directory,
    wanted: SERVER_NAMES,
    persistence: 'memory',
    environment: process.env,
    onLine: () => undefined,
  });
  rememberForTearDown({ servers, directory });
  // The processes that run the tests are started after this and get a copy.
  Object.assign(process.env, servers.variables);
}
