import { readdir, statfs } from 'node:fs/promises';
import path from 'node:path';
import { fileError, statIfThere } from '../runtime/files.ts';
import { makePrivateDirectory } from './private-directory.ts';
import { createStaging } from './staging.ts';

export type StagingUsage = Awaited<ReturnType<typeof measureStaging>>;

/**
 * Reads the size of every file.
 * @returns the finished files that wait for upload, the bytes in the work directories of running and of dead downloads,
 *   and the free space of the disk for this user.
 * @throws JobError when the directory cannot be read.
 */
export async function measureStaging(directory: string) {
  try {
    await makePrivateDirectory(directory);
    let stagedFiles = 0;
    let stagedBytes = 0;
    for await (const file of createStaging(directory).listStaged()) {
      stagedFiles += 1;
      stagedBytes += file.sizeBytes;
    }
    const workBytes = await sizeBelow(path.join(directory, 'work'));
    const { bavail, bsize } = await statfs(directory);
    return { stagedFiles, stagedBytes, workBytes, freeBytes: bavail * bsize };
  } catch (error) {
    throw fileError(error, 'Measuring the staging directory');
  }
}

async function sizeBelow(directory: string): Promise<number> {
  let bytes = 0;
  // Work directories may disappear meanwhile.
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(
    (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    },
  );
  for (const entry of entries) {
    if (entry.isFile()) bytes += (await statIfThere(path.join(entry.parentPath, entry.name)))?.size ?? 0;
  }
  return bytes;
}
