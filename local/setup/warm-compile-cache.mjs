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
/** The services, and one of the other commands. */
const SERVICES = ['worker', 'dashboard'];
const COMMANDS = ['worker', 'status'];

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
  const isService = SERVICES.includes(name);
  if (isService) {
    // As `runService` does: these are compiled before the flags are set.
    await import('../../src/cli/command/run-command.ts');
    const { keepHeapSmall } = await import('../../src/cli/command/small-heap.ts');
    keepHeapSmall();
  }
  for (const file of filesOf(isService)) await import(pathToFileURL(file).href);
}

/**
 * The files in which the commands, and the workers of the queues, begin; loading them does nothing else.
 * @param {boolean} isService
 */
function filesOf(isService) {
  const inCli = readdirSync(path.join(ROOT, 'src/cli'), { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('-command.ts') && path.basename(name) !== 'run-command.ts',
  );
  const isOfService = (/** @type {string} */ name) =>
    SERVICES.includes(path.basename(name).slice(0, -'-command.ts'.length));
  const commands = inCli.filter((name) => isOfService(name) === isService);
  const queues = isService
    ? readdirSync(path.join(ROOT, 'src/workers/queues')).filter((name) => name.endsWith('-queue.ts'))
    : [];
  return [
    ...commands.map((name) => path.join(ROOT, 'src/cli', name)),
    ...queues.map((name) => path.join(ROOT, 'src/workers/queues', name)),
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await warm(process.argv[2] ?? '');
  // Connections and timers of packages must not keep it alive.
  process.exit(0);
}
