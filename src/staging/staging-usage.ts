import { mkdir, readdir, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { fileError } from '../runtime/file-errors.ts';
import { createStaging } from './staging.ts';

/** What is in a staging directory, and on its disk. */
export interface StagingUsage {
  /** Finished files that wait for their upload. */
  readonly stagedFiles: number;
  readonly stagedBytes: number;
  /** In the work directories of downloads under way, and of those that died. */
  readonly workBytes: number;
  /** What this user may still write. */
  readonly freeBytes: number;
}

/** Looks at every file once. @throws OperatorError when the directory cannot be read. */
export async function measureStaging(directory: string): Promise<StagingUsage> {
  try {
    await mkdir(directory, { recursive: true });
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
    throw fileError(error, 'Looking at the staging directory');
  }
}

async function sizeBelow(directory: string): Promise<number> {
  let bytes = 0;
  const entries = await ifThere(readdir(directory, { recursive: true, withFileTypes: true }));
  for (const entry of entries ?? []) {
    if (entry.isFile()) bytes += (await ifThere(stat(path.join(entry.parentPath, entry.name))))?.size ?? 0;
  }
  return bytes;
}

/** Work directories go while they are looked at. */
async function ifThere<T>(look: Promise<T>): Promise<T | undefined> {
  try {
    return await look;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
