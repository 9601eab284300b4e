/** Runs all static checks in parallel; prints a line for each, and the output of those that fail. */
import path from 'node:path';
import { availableParallelism } from 'node:os';
import { ROOT } from './paths.mjs';
import { spawnEnding } from './spawn-ending.mjs';

const module = (/** @type {string} */ file) => path.join(ROOT, 'node_modules', file);

/** Slowest first. @type {readonly [string, readonly string[]][]} */
const CHECKS = [
  ['lint', [module('eslint/bin/eslint.js'), '--max-warnings', '0', '.']],
  ['types', [module('typescript/bin/tsc'), '-p', '.']],
  ['types of the scripts of pages', [module('typescript/bin/tsc'), '-p', 'src/dashboard/browser']],
  ['unused code and packages', [module('knip/bin/knip.js')]],
  [
    'import direction and cycles',
    [
      module('dependency-cruiser/bin/dependency-cruiser.mjs'),
      '--config',
      '.dependency-cruiser.cjs',
      'src',
      'local',
    ],
  ],
  ['generated files', [path.join(ROOT, 'local', 'generate', 'main.ts'), '--check']],
  ['format', [module('prettier/bin/prettier.cjs'), '--check', '.']],
];

const waiting = [...CHECKS];
let failures = 0;
await Promise.all(Array.from({ length: Math.min(CHECKS.length, availableParallelism()) }, work));
process.exitCode = failures === 0 ? 0 : 1;

async function work() {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await check(...next);
}

/** @param {string} name @param {readonly string[]} args */
async function check(name, args) {
  const begin = Date.now();
  const child = spawnEnding(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  /** @type {Buffer[]} */
  const output = [];
  child.stdout?.on('data', (chunk) => output.push(chunk));
  child.stderr?.on('data', (chunk) => output.push(chunk));
  const code = await new Promise((resolve) => {
    child.on('error', () => resolve(1));
    child.on('close', resolve);
  });
  const seconds = ((Date.now() - begin) / 1000).toFixed(1);
  process.stdout.write(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)\n`);
  if (code === 0) return;
  failures += 1;
  process.stdout.write(`${Buffer.concat(output).toString().trimEnd()}\n`);
}
