import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@jest/globals';

const MODULE = pathToFileURL(path.join(import.meta.dirname, 'spawn-ending.mjs')).href;
const PROGRAM = `
  import { spawnEnding } from ${JSON.stringify(MODULE)};
  const args = ['-e', 'setInterval(() => {}, 1000); console.log(process.pid)'];
  spawnEnding(process.execPath, args, { stdio: 'inherit' });
`;

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s ends the programs that checks and benchmarks start', async (signal, exitCode) => {
  const parent = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const output = createInterface({ input: parent.stdout });
  await once(output, 'line');
  const exited = once(parent, 'exit');
  // The output ends when the last process that has it has ended.
  const ended = once(output, 'close');
  parent.kill(signal);
  expect(await exited).toEqual([exitCode, null]);
  await ended;
});
