import { readdir, statfs } from 'node:fs/promises';
import path from 'node:path';
import { OperatorError } from '../domain/job-errors.ts';
import type { StagingConfig } from '../config/config.ts';
import { fileError, statIfThere } from '../runtime/files.ts';
import { makePrivateDirectory } from './private-directory.ts';

/** Less than this does not suffice for one audio file, whatever STAGING_MIN_FREE_BYTES says. */
const MIN_FREE_BYTES = 16 * 1024 ** 2;

/**
 * Measures the disk of the work directories.
 * @returns the bytes in the work directories of running and of dead downloads, and the free space of the disk for this user.
 * @throws JobError when the directory cannot be read.
 */
export async function measureWorkDisk(directory: string) {
  try {
    await makePrivateDirectory(directory);
    const workBytes = await sizeBelow(path.join(directory, 'work'));
    const { bavail, bsize } = await statfs(directory);
    return { workBytes, freeBytes: bavail * bsize };
  } catch (error) {
    throw fileError(error, 'Measuring the staging directory');
  }
}

/** @throws OperatorError while the staging directory cannot be read or its disk is full. */
export async function probeWorkDisk(staging: StagingConfig): Promise<void> {
  const { freeBytes } = await measureWorkDisk(staging.directory);
  if (freeBytes < Math.max(MIN_FREE_BYTES, staging.minFreeBytes)) {
    throw new OperatorError('disk_full', 'The disk of the staging directory is still full.');
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
