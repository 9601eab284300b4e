import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Config } from '../../src/config/config.ts';
import { parseAudioObjectName } from '../../src/storage/object-names.ts';
import { openMinioStore } from '../../src/storage/open-stores.ts';

/** Copies the bucket's audio into plain files, to be played after the servers have stopped. @returns how many */
export async function exportAudio(config: Config, directory: string, signal: AbortSignal): Promise<number> {
  const store = openMinioStore(config.minio, config.storage);
  await mkdir(directory, { recursive: true });
  let files = 0;
  for await (const page of store.list('audio/', signal)) {
    for (const { name } of page) {
      if (parseAudioObjectName(name) === undefined) continue;
      const { stream } = await store.openRead(name, { signal });
      await pipeline(stream, createWriteStream(path.join(directory, path.basename(name))));
      files += 1;
    }
  }
  return files;
}
