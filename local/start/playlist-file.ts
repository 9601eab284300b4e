import { readFile } from 'node:fs/promises';
import { readPlaylistLines } from '../../src/producers/playlist-lines.ts';

/** Whether a playlist file has a line that is neither empty nor a comment; false when it cannot be read. */
export async function hasPlaylistLines(file: string): Promise<boolean> {
  try {
    const { done } = await readPlaylistLines([await readFile(file)], file).next();
    return done !== true;
  } catch {
    return false;
  }
}
