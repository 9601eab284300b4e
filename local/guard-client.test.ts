import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startGuard, type Guard } from './guard-client.ts';

const STUBBORN = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); console.log("up")';
const WILLING = 'setInterval(() => {}, 1000); console.log("up")';
const DEADLINE_MS = 8_000;

let directory: string;
let guard: Guard | undefined;

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'sonotheque-guard-'));
});
afterEach(async () => {
  await guard?.close();
  guard = undefined;
  rmSync(directory, { recursive: true, force: true });
});

async function startNode(owner: Guard, name: string, code: string, graceMs = 200) {
  const logFile = path.join(directory, `${name}.log`);
  const started = await owner.spawnGuarded(name, process.execPath, ['-e', code], {
    env: process.env,
    logFile,
    graceMs,
  });
  // Before its signal handlers are set up, any signal would end it.
  await until(() => readFileSync(logFile, 'utf8').includes('up'));
  return started;
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('The condition was not met in time.');
    await pause(20);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('the guard', () => {
  test('stops a process, and kills one that does not stop', async () => {
    guard = await startGuard();
    const willing = await startNode(guard, 'willing', WILLING);
    const stubborn = await startNode(guard, 'stubborn', STUBBORN);
    await willing.stop();
    expect(await willing.ended).toEqual({ code: null, signal: 'SIGTERM' });
    await stubborn.stop();
    expect(await stubborn.ended).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test('ends everything when it is closed', async () => {
    guard = await startGuard();
    const processes = await Promise.all([
      startNode(guard, 'one', WILLING),
      startNode(guard, 'two', STUBBORN),
    ]);
    await guard.close();
    expect(processes.map(({ pid }) => isAlive(pid))).toEqual([false, false]);
  });

  test('rejects when a program cannot be started', async () => {
    guard = await startGuard();
    const logFile = path.join(directory, 'log');
    await expect(
      guard.spawnGuarded('none', path.join(directory, 'none'), [], { env: process.env, logFile }),
    ).rejects.toThrow('ENOENT');
  });

  test('ends everything when the process that started it is killed', async () => {
    const program = `
      import { startGuard } from ${JSON.stringify(pathToFileURL(path.join(import.meta.dirname, 'guard-client.ts')).href)};
      const guard = await startGuard();
      const options = (name) => ({ env: process.env, logFile: ${JSON.stringify(directory)} + '/' + name, graceMs: 200 });
      const one = await guard.spawnGuarded('one', process.execPath, ['-e', ${JSON.stringify(WILLING)}], options('one'));
      const two = await guard.spawnGuarded('two', process.execPath, ['-e', ${JSON.stringify(STUBBORN)}], options('two'));
      console.log(JSON.stringify([one.pid, two.pid]));
    `;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
    const pids = (JSON.parse(line) as unknown[]).map(Number);
    await until(() => readFileSync(path.join(directory, 'two'), 'utf8').includes('up'));
    expect(pids.map(isAlive)).toEqual([true, true]);
    parent.kill('SIGKILL');
    await until(() => !pids.some(isAlive));
  });

  test('leaves nothing behind when the guard itself is killed', async () => {
    const own = await startGuard();
    const stubborn = await startNode(own, 'stubborn', STUBBORN);
    const guardPid = Number(
      /^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${stubborn.pid}/status`, 'utf8'))?.[1],
    );
    process.kill(guardPid, 'SIGKILL');
    expect(await stubborn.ended).toEqual({ code: null, signal: 'SIGKILL' });
    await until(() => !isAlive(stubborn.pid));
    await own.close();
  });
});
