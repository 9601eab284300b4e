import { readFileSync } from 'node:fs';

/** Whether a playlist file names anything: a line that is neither empty nor a comment. */
export function hasPlaylistLines(file: string): boolean {
  try {
    return readFileSync(file, 'utf8')
      .split(/\r?\n/)
      .some((line) => /^[^#\s\uFEFF]/.test(line.replace(/^\uFEFF/, '').trim()));
  } catch {
    return false;
  }
}
