import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runLines, spawnProgram } from './child-process.ts';
import { findLimiter, withLimits, type ResourceLimits } from './resource-limits.ts';

const LIMITS: ResourceLimits = { fileBytes: 1_000_000, memoryBytes: 300_000_000, cpuSeconds: 30 };
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'sonotheque-limits-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function run(program: string, args: readonly string[], limits: Partial<ResourceLimits> = {}) {
  const call = await withLimits(program, args, { ...LIMITS, ...limits });
  return await runLines(spawnProgram(...call, directory), {
    signal: new AbortController().signal,
    stallMs: 60_000,
    deadlineMs: 60_000,
  });
}

const canLimit = (await findLimiter()) !== undefined;

(canLimit ? describe : describe.skip)('limits of the system', () => {
  test('a file that grows too large ends the program', async () => {
    const outcome = await run('dd', ['if=/dev/zero', 'of=large', 'bs=64k', 'count=100']);
    expect(outcome).toMatchObject({ exitCode: null, signal: 'SIGXFSZ' });
    expect((await stat(path.join(directory, 'large'))).size).toBeLessThanOrEqual(LIMITS.fileBytes);
  });

  test('a program cannot get more memory', async () => {
    const outcome = await run('dd', ['if=/dev/zero', 'of=/dev/null', 'bs=500M', 'count=1']);
    expect(outcome.exitCode).toBe(1);
    expect(outcome.stderrTail).toMatch(/memory/i);
  });

  test('a program that computes for too long ends', async () => {
    const outcome = await run('sh', ['-c', 'while :; do :; done'], { cpuSeconds: 1 });
    expect(outcome).toMatchObject({ exitCode: null });
  });

  test('exit code and output are those of the program', async () => {
    const outcome = await run('sh', ['-c', 'echo text >&2; exit 7']);
    expect(outcome).toMatchObject({ exitCode: 7, stderrTail: 'text' });
  });
});

test.each(['no-such-program', '/nonexistent/program'])('%s is reported as missing', async (program) => {
  await expect(run(program, [])).rejects.toMatchObject({ errorClass: 'tool_missing' });
});
