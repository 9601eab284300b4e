/**
 * Loads what the commands load, once, so that their first start finds it compiled: warm-compile-cache.mjs COMMAND, for all
 * commands that share its compile cache.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { compileCacheOf, useCompileCache } from './compile-cache.mjs';
import { ROOT } from './paths.mjs';
import { runProgram } from './run-program.mjs';

const TIMEOUT_MS = 2 * 60_000;
const SERVICES = ['worker', 'dashboard'];
/** One for each compile cache. */
const COMMANDS = ['worker', 'status', 'enqueue'];

/**
 * Fills the compile caches. A failure costs the next start some time and nothing else.
 * @param {string} node
 */
export async function warmCompileCache(node) {
  const program = fileURLToPath(import.meta.url);
  for (const name of COMMANDS) {
    // Not that of the command which is being started: it may have another one.
    const env = { ...process.env, NODE_COMPILE_CACHE: compileCacheOf(name) };
    await runProgram(node, [program, name], { env, timeoutMs: TIMEOUT_MS }).catch(() => undefined);
  }
}

/** @param {string} name */
async function warm(name) {
  useCompileCache(name);
  const { keepHeapSmall, saveMemory } = await import('../../src/cli/command/small-heap.ts');
  if (SERVICES.includes(name)) {
    // As `runService` does: these are compiled before the flags are set.
    await import('../../src/cli/command/run-command.ts');
    keepHeapSmall();
  }
  if (name === 'enqueue') saveMemory();
  for (const file of filesOf(name)) await import(pathToFileURL(file).href);
}

/**
 * The files in which the commands, and the workers of the queues, begin; loading them does nothing else.
 * @param {string} name
 */
function filesOf(name) {
  const isService = SERVICES.includes(name);
  const inCli = readdirSync(path.join(ROOT, 'src/cli'), { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('-command.ts') && path.basename(file) !== 'run-command.ts',
  );
  const isWanted = (/** @type {string} */ file) => {
    const command = path.basename(file).slice(0, -'-command.ts'.length);
    return compileCacheOf(command) === compileCacheOf(name);
  };
  const queues = isService
    ? readdirSync(path.join(ROOT, 'src/workers/queues')).filter((file) => file.endsWith('-queue.ts'))
    : [];
  return [
    ...inCli.filter(isWanted).map((file) => path.join(ROOT, 'src/cli', file)),
    ...queues.map((file) => path.join(ROOT, 'src/workers/queues', file)),
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await warm(process.argv[2] ?? '');
  // Connections and timers of packages must not keep it alive.
  process.exit(0);
}
