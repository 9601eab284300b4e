import { readdir, utimes } from 'node:fs/promises';
import path from 'node:path';

const DAY_MS = 86_400_000;

/** Makes the work directories of killed workers look a day old: reconcile removes nothing that may still be in use. */
export async function ageAbandonedWork(stagingDirectory: string): Promise<number> {
  const work = path.join(stagingDirectory, 'work');
  const dayAgo = new Date(Date.now() - DAY_MS);
  const directories = await readdir(work).catch(() => []);
  for (const name of directories) {
    const directory = path.join(work, name);
    for (const inner of await readdir(directory)) await utimes(path.join(directory, inner), dayAgo, dayAgo);
    await utimes(directory, dayAgo, dayAgo);
  }
  return directories.length;
}
