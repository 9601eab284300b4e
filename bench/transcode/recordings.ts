import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { spawnSampleChannel } from '../../local/sample-channel/spawn-sample-channel.ts';
import type { CloseAtEnd } from '../../src/cli/command/run-command.ts';
import { ROOT } from '../support/bench-servers.ts';

/** What is transcoded, at its source and as files. */
export interface Recordings {
  readonly videoIds: readonly string[];
  readonly playlistId: string;
  /** What makes yt-dlp use the sample channel: a text quoted as for a shell. */
  readonly extraArguments: string;
  /** The file of each video, as the source serves it; several videos share one. */
  readonly files: readonly string[];
  /** Of the sample channel. */
  readonly pid: number;
}

/** Each of these has audio of its own; the others share it, so that making them takes no hour. */
const ORIGINALS = 4;
const PLAYLIST_ID = 'PLbenchTranscode000000000000000000';
const idOf = (index: number) => `bench${String(index).padStart(6, '0')}`;
const containerOf = (index: number) => (index % 2 === 0 ? 'm4a' : 'webm');

/** Starts a sample channel with so many videos, half of them AAC, half Opus. The audio is made once and kept. */
export async function openRecordings(
  {
    directory,
    videos,
    seconds,
  }: { readonly directory: string; readonly videos: number; readonly seconds: number },
  closeAtEnd: CloseAtEnd,
): Promise<Recordings> {
  const videoIds = Array.from({ length: videos }, (_value, index) => idOf(index));
  console.error('Making the recordings …');
  const channel = closeAtEnd(
    await spawnSampleChannel({
      directory: path.join(ROOT, '.sonotheque/sample-channel'),
      videos: videoIds.map((id, index) => ({
        id,
        title: `Recording ${String(index + 1)}`,
        container: containerOf(index),
        audio:
          index < ORIGINALS
            ? { kind: 'tone', toneHz: 220 + 110 * index, durationSeconds: seconds }
            : { kind: 'same-as', videoId: idOf(index % ORIGINALS) },
      })),
      playlists: [{ id: PLAYLIST_ID, title: 'Recordings', videoIds, pageSize: 100 }],
    }),
  );
  const inputs = path.join(directory, 'inputs');
  await mkdir(inputs, { recursive: true });
  const originals = await Promise.all(
    videoIds.slice(0, ORIGINALS).map(async (id, index) => {
      const name = `${id}.${containerOf(index)}`;
      const response = await fetch(`${channel.mediaUrl}/audio/${name}`);
      if (!response.ok)
        throw new Error(`The sample channel does not serve ${name}: ${String(response.status)}`);
      const file = path.join(inputs, name);
      await writeFile(file, Buffer.from(await response.arrayBuffer()));
      return file;
    }),
  );
  return {
    videoIds,
    playlistId: PLAYLIST_ID,
    extraArguments: channel.extraArguments,
    files: videoIds.map((_id, index) => originals[index % ORIGINALS] ?? ''),
    pid: channel.pid,
  };
}
