import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnSampleChannel } from '../../local/sample-channel/spawn-sample-channel.ts';
import { SERVER_NAMES, startServers } from '../../local/servers/start-servers.ts';
import { makeRunDirectory } from './run-directory.ts';
import { rememberForTearDown, tearDown } from './running-servers.ts';

/** Starts the servers and the sample channel, once for the whole run, and passes their URLs to the tests. */
export default async function globalSetUp(): Promise<void> {
  const state = fileURLToPath(new URL('../../.sonotheque', import.meta.url));
  const run = makeRunDirectory(path.join(state, 'test-runs'));
  try {
    const servers = await startServers({
      checkout: path.dirname(state),
      directory: run.directory,
      wanted: SERVER_NAMES,
      persistence: 'memory',
      environment: process.env,
      onLine: () => undefined,
    });
    rememberForTearDown(() => servers.close());
    // Its audio is generated once and used by every later run.
    const channel = await spawnSampleChannel({ directory: path.join(state, 'sample-channel') });
    rememberForTearDown(() => channel.close());
    rememberForTearDown(() => run.remove());
    // The test processes are started later and inherit these variables.
    Object.assign(process.env, servers.variables, {
      SAMPLE_CHANNEL_EXTRA_ARGS: channel.extraArguments,
      SAMPLE_CHANNEL_MEDIA_URL: channel.mediaUrl,
      SAMPLE_CHANNEL_CONTROL_URL: channel.controlUrl,
    });
  } catch (error) {
    // Jest does not tear down after a failed set-up.
    await tearDown();
    await run.remove();
    throw error;
  }
}
