import { spawn, type ChildProcess } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LineSplitter, TextTail } from './child-process-lines.ts';
import { runLines, type RunLinesOptions } from './child-process.ts';
import { OperatorError } from '../domain/job-errors.ts';

const start = (script: string): ChildProcess =>
  spawn(process.execPath, ['-e', script], { detached: true, stdio: 'pipe' });
const options = (changes: Partial<RunLinesOptions> = {}): RunLinesOptions => ({
  signal: new AbortController().signal,
  stallMs: 30_000,
  deadlineMs: 60_000,
  ...changes,
});
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('splitting output into lines', () => {
  test('chunks that end anywhere, even within a character, give the lines of the whole text', () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replaceAll(/[\r\n]/g, ''));
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 20 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        fc.constantFrom('\n', '\r\n'),
        (lines, sizes, lineEnd) => {
          const bytes = Buffer.from(lines.map((text) => text + lineEnd).join(''));
          const splitter = new LineSplitter();
          const found: string[] = [];
          for (let from = 0, index = 0; from < bytes.length; index += 1) {
            const size = sizes[index % sizes.length] ?? 1;
            found.push(...splitter.push(bytes.subarray(from, from + size)));
            from += size;
          }
          expect([...found, ...splitter.flush()]).toEqual(lines);
        },
      ),
    );
  });

  test('a line without an end is cut at the limit, and the next one is complete', () => {
    const splitter = new LineSplitter(10);
    const found = [];
    for (let round = 0; round < 100; round += 1) found.push(...splitter.push(Buffer.from('x'.repeat(50))));
    found.push(...splitter.push(Buffer.from('\nnext\nlast')), ...splitter.flush());
    expect(found).toEqual(['xxxxxxxxxx', 'next', 'last']);
  });

  test('TextTail keeps the end', () => {
    const tail = new TextTail(10);
    for (const line of ['first', 'second', 'third']) tail.addLine(line);
    expect(tail.text).toBe('ond\nthird');
  });
});

describe('runLines', () => {
  test('returns the lines, the exit code and the end of standard error', async () => {
    const lines: string[] = [];
    const outcome = await runLines(
      start('console.log("één"); console.error("oh"); process.stdout.write("end"); process.exitCode = 3'),
      options({ onStdoutLine: (line) => void lines.push(line) }),
    );
    expect(lines).toEqual(['één', 'end']);
    expect(outcome).toEqual({ exitCode: 3, signal: null, stderrTail: 'oh' });
  });

  test('a missing program is an operator error', async () => {
    const child = spawn('/nowhere/no-such-program', [], { detached: true });
    await expect(runLines(child, options())).rejects.toThrow(OperatorError);
    expect(child.listenerCount('error')).toBe(0);
  });

  test.each(['abort', 'stall', 'deadline'] as const)(
    '%s ends the whole group, children included, even if they ignore SIGTERM',
    async (reason) => {
      const controller = new AbortController();
      const pids: number[] = [];
      const child = start(`
        process.on('SIGTERM', () => {});
        const child = require('node:child_process').spawn(process.execPath,
          ['-e', 'process.on("SIGTERM", () => {}); console.log("ready"); setInterval(() => {}, 1000)'], { stdio: ['ignore', 'pipe', 'inherit'] });
        child.stdout.once('data', () => console.log(child.pid));
        ${reason === 'deadline' ? 'setInterval(() => console.log("x"), 20);' : ''}`);
      const outcome = await runLines(
        child,
        options({
          signal: controller.signal,
          killGraceMs: 100,
          ...(reason === 'stall' ? { stallMs: 2_000 } : {}),
          ...(reason === 'deadline' ? { deadlineMs: 2_000 } : {}),
          onStdoutLine: (line) => {
            if (line === 'x') return undefined;
            pids.push(Number(line));
            if (reason === 'abort') controller.abort();
            return undefined;
          },
        }),
      );
      expect(outcome).toMatchObject({ endedBy: reason, signal: 'SIGKILL' });
      expect(pids).toHaveLength(1);
      const giveUpAt = Date.now() + 5000;
      while (pids.some(isAlive) && Date.now() < giveUpAt)
        await new Promise((resolve) => setTimeout(resolve, 20));
      expect(pids.filter(isAlive)).toEqual([]);
      expect(process.listeners('exit').some((listener) => listener.name === 'killRunning')).toBe(false);
    },
  );

  test('a signal that is already aborted ends it at once', async () => {
    const outcome = await runLines(
      start('setInterval(() => {}, 1000)'),
      options({ signal: AbortSignal.abort() }),
    );
    expect(outcome).toMatchObject({ endedBy: 'abort', signal: 'SIGTERM' });
  });

  test('lines that are no progress do not delay the stall', async () => {
    const outcome = await runLines(
      start('setInterval(() => console.error("same"), 20)'),
      options({ stallMs: 300, isActivity: (line) => line !== 'same' }),
    );
    expect(outcome.endedBy).toBe('stall');
  });

  test('a slow handler gets every line although the program ended long before', async () => {
    let count = 0;
    const outcome = await runLines(
      start('process.stdout.write("line\\n".repeat(50_000))'),
      options({
        stallMs: 500,
        onStdoutLine: () => {
          count += 1;
          return count === 10_000 ? new Promise((resolve) => setTimeout(resolve, 2300)) : undefined;
        },
      }),
    );
    expect(count).toBe(50_000);
    expect(outcome.exitCode).toBe(0);
  });

  test('a handler that throws ends the program, and its error is passed on', async () => {
    const child = start('setInterval(() => console.log("line"), 10)');
    const failing = options({
      onStdoutLine: () => {
        throw new Error('cannot take it');
      },
    });
    await expect(runLines(child, failing)).rejects.toThrow('cannot take it');
    expect(child.signalCode).toBe('SIGTERM');
  });

  test('a descendant outside the group that keeps the pipes open does not block the run', async () => {
    const outcome = await runLines(
      start(`const child = require('node:child_process').spawn(process.execPath,
        ['-e', 'setTimeout(() => {}, 8000)'], { detached: true, stdio: 'inherit' });
        child.unref(); console.log(child.pid)`),
      options({ onStdoutLine: () => undefined }),
    );
    expect(outcome.exitCode).toBe(0);
  }, 7000);
});
