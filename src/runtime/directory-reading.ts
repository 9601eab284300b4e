import { opendir, readFile, stat } from 'node:fs/promises';
import { fileError } from './file-errors.ts';

/** The names in a directory, streamed; none when it does not exist. @throws JobError */
export async function* namesIn(directory: string): AsyncGenerator<string> {
  try {
    for await (const entry of await opendir(directory)) yield entry.name;
  } catch (error) {
    if (!isMissing(error)) throw fileError(error, 'Listing a directory');
  }
}

/** The stats of a file; undefined when it does not exist. */
export async function statIfThere(file: string) {
  try {
    return await stat(file);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** The text of a file; undefined when it does not exist. */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
}
