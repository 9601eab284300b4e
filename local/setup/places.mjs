import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the checkout. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');
/** What belongs to this checkout and can be made again. */
export const TOOLS = path.join(ROOT, '.sonotheque', 'tools');
/** What the set-up found or made, read by local/servers/tools.ts. */
export const TOOLS_FILE = path.join(TOOLS, 'tools.json');

/** What takes long to make and is the same for every checkout of this user. */
export function cacheDirectory() {
  const base = process.env['XDG_CACHE_HOME'] || path.join(os.homedir(), '.cache');
  return path.join(base, 'sonotheque');
}
