import { existsSync } from 'node:fs';
import path from 'node:path';
import { TOOLS } from './paths.mjs';
import { linkIn } from './yt-dlp-choice.mjs';

/** Where the set-up puts yt-dlp. */
const BIN = path.dirname(linkIn(TOOLS));

/** The PATH of a command: the set-up's programs come first, because a system's own yt-dlp is usually too old. @param {string} node */
export function searchPath(node) {
  const own = [...(existsSync(BIN) ? [BIN] : []), ...(node === process.execPath ? [] : [path.dirname(node)])];
  return [...own, process.env['PATH'] ?? ''].join(path.delimiter);
}
