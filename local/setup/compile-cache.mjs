import module from 'node:module';
import path from 'node:path';
import { COMPILE_CACHE } from './paths.mjs';

/**
 * Commands that run with other V8 flags than the rest: src/cli/enqueue.ts, and services, `sync` and
 * `reconcile` (src/cli/command/small-heap.ts). V8 refuses code that was compiled with other flags, and Node then replaces it: in one directory they would make every second start
 * a slow one.
 * @type {ReadonlyMap<string, string>}
 */
const WITH_OWN_FLAGS = new Map([
  ['enqueue', 'enqueue'],
  ['worker', 'services'],
  ['dashboard', 'services'],
  ['sync', 'services'],
  ['reconcile', 'services'],
]);

/** Where Node keeps the compiled code for a command. @param {string} name */
export function compileCacheOf(name) {
  return path.join(COMPILE_CACHE, WITH_OWN_FLAGS.get(name) ?? 'commands');
}

/**
 * Keeps the compiled code of everything that is loaded from here on, for the next start: without it Node strips the types
 * of every source and compiles every package each time. Node itself compares the kept code with the file. A directory of the
 * user's own (NODE_COMPILE_CACHE) is used as it is; one that cannot be written is only read.
 * @param {string} name of the command that runs in this process
 */
export function useCompileCache(name) {
  // For the programs that this process starts.
  process.env['NODE_COMPILE_CACHE'] ??= compileCacheOf(name);
  // Nodes that are too old for this program do not have it; they only install a newer one.
  module.enableCompileCache?.(process.env['NODE_COMPILE_CACHE']);
}
