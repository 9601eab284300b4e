import { chmod, lstat, mkdir, stat } from 'node:fs/promises';
import path from 'node:path';

const OTHERS = 0o007;
const GROUP = 0o070;
const GROUP_WRITES = 0o020;

/** Creates a directory that only this user may enter, and those above it as usual. One that exists stays as it is. */
export async function makePrivateDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') {
      await mkdir(path.dirname(directory), { recursive: true });
      await makePrivateDirectory(directory);
    } else if (code !== 'EEXIST' || !(await stat(directory)).isDirectory()) throw error;
  }
}

/**
 * Like `makePrivateDirectory`, for a directory of staging's own: one that exists, as older versions made it, is closed to others
 * too. The group stays where it may write, since somebody then shares staging with it on purpose.
 */
export async function makeOwnDirectory(directory: string): Promise<void> {
  await makePrivateDirectory(directory);
  // Not through a symbolic link, which may lead anywhere.
  const found = await lstat(directory);
  const { mode, uid } = found;
  const shut = (mode & GROUP_WRITES) === 0 ? OTHERS | GROUP : OTHERS;
  if (found.isDirectory() && uid === process.getuid?.() && (mode & shut) !== 0)
    await chmod(directory, mode & 0o7777 & ~shut);
}
