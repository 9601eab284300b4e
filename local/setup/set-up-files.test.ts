import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeAtomically } from './atomic-directory.mjs';
import { isNewEnough } from './node-runtime.mjs';
import { runProgram } from './run-program.mjs';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'sonotheque-set-up-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe('makeAtomically', () => {
  test('replaces the old directory with the finished one', async () => {
    const target = path.join(directory, 'tool');
    mkdirSync(target);
    writeFileSync(path.join(target, 'old'), '');
    await makeAtomically(target, async (partial) => {
      expect(existsSync(path.join(target, 'old'))).toBe(true);
      writeFileSync(path.join(partial, 'new'), '');
      await Promise.resolve();
    });
    expect(readdirSync(target)).toEqual(['new']);
    expect(readdirSync(directory)).toEqual(['tool']);
  });

  test('removes the directory of a failed set-up and of one that was killed', async () => {
    mkdirSync(path.join(directory, 'tool.partial-999999999'));
    const failing = makeAtomically(path.join(directory, 'tool'), () =>
      Promise.reject(new Error('no network')),
    );
    await expect(failing).rejects.toThrow('no network');
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe('an interrupted set-up', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends its programs and removes unfinished files', async (signal, exitCode) => {
    const module = (name: string) => JSON.stringify(pathToFileURL(path.join(import.meta.dirname, name)).href);
    const pidFile = path.join(directory, 'pid');
    const program = `
      import { existsSync } from 'node:fs';
      import { interruptible } from ${module('interruption.mjs')};
      import { makeAtomically } from ${module('atomic-directory.mjs')};
      import { runProgram } from ${module('run-program.mjs')};
      await interruptible(() => makeAtomically(${JSON.stringify(path.join(directory, 'tool'))}, async () => {
        const child = 'require("fs").writeFileSync(process.argv[1], String(process.pid)); setInterval(() => {}, 1000)';
        const ended = runProgram(process.execPath, ['-e', child, ${JSON.stringify(pidFile)}], { timeoutMs: 60000 });
        const wait = setInterval(() => {
          if (!existsSync(${JSON.stringify(pidFile)})) return;
          clearInterval(wait);
          console.log('waiting');
        }, 20);
        await ended;
      }));
    `;
    const setUp = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(createInterface({ input: setUp.stdout }), 'line');
    const childPid = Number(readFileSync(pidFile, 'utf8'));
    setUp.kill(signal);
    expect(await once(setUp, 'exit')).toEqual([exitCode, null]);
    expect(readdirSync(directory)).toEqual(['pid']);
    await expect(hasEnded(childPid)).resolves.toBe(true);
  });
});

async function hasEnded(pid: number): Promise<boolean> {
  const deadline = Date.now() + 5_000;
  while (Date.now() < deadline) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}

test('the error of a program contains its output, and a program that hangs is ended', async () => {
  const failing = runProgram(process.execPath, ['-e', 'console.error("the reason"); process.exit(3)'], {
    timeoutMs: 10_000,
  });
  await expect(failing).rejects.toThrow(/failed \(3\):\nthe reason/);
  const hanging = runProgram(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { timeoutMs: 200 });
  await expect(hanging).rejects.toThrow('not done after');
});

test('only a Node that runs TypeScript is new enough', () => {
  expect(['18.20.0', '20.19.5', '22.17.1', '22.18.0', '24.0.0'].map(isNewEnough)).toEqual([
    false,
    false,
    false,
    true,
    true,
  ]);
});
