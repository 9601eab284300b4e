import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * Opens a new file for writing and reading that has no name any more: nobody else can open it, and its space is given
 * back when the handle is closed or the process ends in whatever way. The caller closes it.
 */
export async function openTemporaryFile(): Promise<FileHandle> {
  const directory = await mkdtemp(path.join(tmpdir(), 'sonotheque-download-'));
  try {
    return await open(path.join(directory, 'content'), 'wx+', 0o600);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
