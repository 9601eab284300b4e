import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from '@jest/globals';

const GUARD = fileURLToPath(new URL('child-owner-guard.ts', import.meta.url));
const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

/** A process that starts two children, holds both and releases the first, then prints their ids. */
async function owner(): Promise<{ readonly owner: ChildProcess; readonly children: readonly number[] }> {
  const script = `
    import { spawn } from 'node:child_process';
    import { holdGroup, releaseGroup } from ${JSON.stringify(GUARD)};
    const stubborn = "process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000)";
    const start = async () => {
      const child = spawn(process.execPath, ['-e', stubborn], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
      holdGroup(child.pid);
      await new Promise((resolve) => child.stdout.once('data', resolve));
      return child.pid;
    };
    const pids = [await start(), await start(), await start()];
    releaseGroup(pids[1]);
    console.log(JSON.stringify(pids));
    setInterval(() => {}, 1000);`;
  const process_ = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(process_);
  const [line] = (await once(process_.stdout, 'data')) as [Buffer];
  return { owner: process_, children: JSON.parse(line.toString()) as number[] };
}

function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    return !/\) [ZX] /.test(stat);
  } catch {
    return false;
  }
}

async function gone(pid: number): Promise<boolean> {
  for (const endsAt = Date.now() + 10_000; Date.now() < endsAt;) {
    if (!isAlive(pid)) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

// Reads /proc, which other systems lack.
(process.platform === 'linux' ? describe : describe.skip)('the guard over child processes', () => {
  test('ends the held groups when their owner is killed, also those that ignore SIGTERM, and no released ones', async () => {
    const { owner: process_, children } = await owner();
    const [first = 0, released = 0, last = 0] = children;
    expect(children.map(isAlive)).toEqual([true, true, true]);
    process_.kill('SIGKILL');
    try {
      expect(await gone(first)).toBe(true);
      expect(await gone(last)).toBe(true);
      expect(isAlive(released)).toBe(true);
    } finally {
      process.kill(released, 'SIGKILL');
    }
  }, 20_000);
});
