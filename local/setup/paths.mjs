import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the checkout. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');
/** Programs of this checkout; the set-up installs them again when they are removed. */
export const TOOLS = path.join(ROOT, '.sonotheque', 'tools');
/** The paths of all programs; local/servers/tools.ts reads it. */
export const TOOLS_FILE = path.join(TOOLS, 'tools.json');

/** Compiled code of the sources and packages, kept by Node; removing it costs the next start some time and nothing else. */
export const COMPILE_CACHE = path.join(ROOT, '.sonotheque', 'compile-cache');

/** For programs that take long to make and are the same for all checkouts of this user. */
export function cacheDirectory() {
  const base = process.env['XDG_CACHE_HOME'] || path.join(os.homedir(), '.cache');
  return path.join(base, 'sonotheque');
}
