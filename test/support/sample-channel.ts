import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { controlSampleChannel } from '../../local/sample-channel/control-client.ts';
import {
  spawnSampleChannel,
  type SpawnedSampleChannel,
} from '../../local/sample-channel/spawn-sample-channel.ts';

/** Where the audio of the sample channel is kept between runs: it is generated once. */
export const SAMPLE_CHANNEL_DIRECTORY = fileURLToPath(
  new URL('../../.sonotheque/sample-channel', import.meta.url),
);

/** Starts a sample channel for one test, in another process. */
export function openSampleChannel(): Promise<SpawnedSampleChannel> {
  return spawnSampleChannel({ directory: SAMPLE_CHANNEL_DIRECTORY });
}

/** A sample channel that generates new audio, for tests of the channel itself. */
export interface NewSampleChannel extends SpawnedSampleChannel {
  /** Of the test's own; the audio is in `media/`. */
  readonly directory: string;
  /** Sets all faults back, and empties the log of requests. */
  reset(): Promise<void>;
}

export async function openNewSampleChannel(): Promise<NewSampleChannel> {
  const directory = await mkdtemp(path.join(tmpdir(), 'sample-channel-'));
  const channel = await spawnSampleChannel({ directory: path.join(directory, 'media') });
  return {
    ...channel,
    directory,
    reset: async () => {
      await controlSampleChannel(channel.controlUrl, { action: 'reset' });
      await controlSampleChannel(channel.controlUrl, { action: 'clear-log' });
    },
    close: async () => {
      await channel.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
