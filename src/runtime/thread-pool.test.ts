import { describe, expect, test } from '@jest/globals';
import type * as functions from '../../test/support/thread-functions.ts';
import { InterruptedError, PermanentError, TransientError } from '../domain/job-errors.ts';
import { ThreadPool } from './thread-pool.ts';

const MODULE = new URL('../../test/support/thread-functions.ts', import.meta.url);
const MEMORY_BYTES = 64 * 1024 * 1024;

type Functions = typeof functions;

function poolOf({ threads = 1, deadlineMs = 60_000, idleMs = 60_000 } = {}) {
  const pool = new ThreadPool({ threads, deadlineMs, memoryBytes: MEMORY_BYTES, idleMs });
  return async <Name extends keyof Functions>(
    name: Name,
    args: Parameters<Functions[Name]>,
    { signal = new AbortController().signal } = {},
  ) => await pool.inThread<Functions[Name]>(MODULE, name)({ signal, what: 'Testing' }, ...args);
}

describe('a function in a thread', () => {
  test('gets copies of its arguments, and its result is copied back', async () => {
    const input = { at: new Date('2026-01-01T12:00:00Z'), bytes: Buffer.from('abc') };
    await expect(poolOf()('describeInput', [input])).resolves.toEqual({
      year: 2026,
      size: 3,
      keys: new Map([['__proto__', 1]]),
    });
  });

  test('sees no environment', async () => {
    await expect(poolOf()('environment', [])).resolves.toEqual([]);
  });

  test('a JobError keeps its class, another error its name', async () => {
    const call = poolOf();
    const error = await call('failPermanently', []).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PermanentError);
    expect(error).toMatchObject({ errorClass: 'source_settings', message: 'It is wrong.' });
    await expect(call('failPlainly', [])).rejects.toMatchObject({
      name: 'SyntaxError',
      message: 'Unexpected end.',
    });
  });

  test('a result that cannot be copied is an error', async () => {
    await expect(poolOf()('returnFunction', [])).rejects.toMatchObject({ name: 'DataCloneError' });
  });

  test('a stack overflow is an error and the thread goes on', async () => {
    const call = poolOf();
    const id = await call('idOfThread', []);
    await expect(call('overflowStack', [])).rejects.toMatchObject({ name: 'RangeError' });
    await expect(call('idOfThread', [])).resolves.toBe(id);
  });
});

describe('limits', () => {
  test.each([
    ['backtrack', [60]],
    ['spin', []],
  ] as const)('%s: the deadline ends the thread, and the next call works', async (name, args) => {
    const call = poolOf({ deadlineMs: 300 });
    const [slow, next] = [
      call(name, args as never),
      call('describeInput', [{ at: new Date(), bytes: new Uint8Array(2) }]),
    ];
    await expect(slow).rejects.toMatchObject({
      errorClass: 'too_complex',
      outcome: 'permanent',
      message: 'Testing: it takes more than 0.3 s.',
    });
    await expect(next).resolves.toMatchObject({ size: 2 });
  });

  test('too much memory ends the thread, and the next call works', async () => {
    const call = poolOf();
    await expect(call('fillMemory', [])).rejects.toMatchObject({
      errorClass: 'too_complex',
      message: 'Testing: it takes more than 64 MB of memory.',
    });
    await expect(call('wait', [1])).resolves.toBe('waited');
  });

  test('an abort ends a running call and one that waits', async () => {
    const call = poolOf();
    const controller = new AbortController();
    const calls = [call('spin', [], controller), call('spin', [], controller)];
    setTimeout(() => {
      controller.abort();
    }, 200);
    for (const each of calls) await expect(each).rejects.toBeInstanceOf(InterruptedError);
    await expect(call('spin', [], controller)).rejects.toBeInstanceOf(InterruptedError);
    await expect(call('wait', [1])).resolves.toBe('waited');
  });

  test('a thread that ends by itself fails its call; one that fails between calls is replaced', async () => {
    const call = poolOf();
    await expect(call('exit', [])).rejects.toBeInstanceOf(TransientError);
    await expect(call('failLater', [])).resolves.toBe('done');
    await new Promise((resolve) => setTimeout(resolve, 100));
    await expect(call('wait', [1])).resolves.toBe('waited');
  });
});

describe('threads', () => {
  test('are reused, and never more than allowed', async () => {
    const call = poolOf({ threads: 2 });
    const ids = await Promise.all(Array.from({ length: 8 }, async () => await call('idOfThread', [])));
    expect(new Set(ids).size).toBeLessThanOrEqual(2);
  });

  test('an idle thread ends', async () => {
    const call = poolOf({ idleMs: 20 });
    const id = await call('idOfThread', []);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await expect(call('idOfThread', [])).resolves.not.toBe(id);
  });
});
