import { opendir, readFile, stat } from 'node:fs/promises';
import { JobError, OperatorError, TransientError, toError } from '../domain/job-errors.ts';

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

/** Does work with files. @throws JobError, see `fileError` */
export async function withFileErrors<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileError(error, what);
  }
}

/** The JobError of a failed file operation: a person must repair a full disk or missing permissions. */
export function fileError(thrown: unknown, what: string): JobError {
  if (thrown instanceof JobError) return thrown;
  const error = toError(thrown);
  const code = 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new OperatorError('disk_full', `${what}: no space left on the disk.`, { cause: error });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOTDIR':
      return new OperatorError('local_configuration', `${what}: not permitted (${code}).`, { cause: error });
    default:
      return new TransientError('unknown', `${what}: ${error.message}`, { cause: error });
  }
}

function isMissing(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
}
