import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from '@jest/globals';
import { pause, startDeadline, withDeadline } from './deadline.ts';
import { InterruptedError, TransientError } from '../domain/job-errors.ts';

const never = () => new Promise<never>(() => undefined);
const live = () => new AbortController().signal;

describe('withDeadline', () => {
  test('returns the result and leaves no timer', async () => {
    const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const result = await withDeadline(() => Promise.resolve(7), {
      signal: live(),
      deadlineMs: 60_000,
      stallMs: 30_000,
      what: 'counting',
    });
    expect(result).toBe(7);
    expect(process.getActiveResourcesInfo().filter((name) => name === 'Timeout')).toHaveLength(before);
  });

  test('ends work that ignores its signal', async () => {
    const promise = withDeadline(never, { signal: live(), deadlineMs: 10, what: 'waiting' });
    await expect(promise).rejects.toMatchObject({ errorClass: 'timeout', message: /^waiting: / });
    await expect(promise).rejects.toBeInstanceOf(TransientError);
  });

  test('a stall differs from the deadline, and progress delays it', async () => {
    let movements = 0;
    const promise = withDeadline(
      async (deadline) => {
        while (movements < 5) {
          await pause(20, deadline.signal);
          deadline.noteProgress();
          movements += 1;
        }
        return never();
      },
      { signal: live(), deadlineMs: 60_000, stallMs: 60, what: 'copying' },
    );
    await expect(promise).rejects.toMatchObject({ errorClass: 'stall' });
    expect(movements).toBe(5);
  });

  test('a process that did not run handles pending events before it reports a stall', async () => {
    const stallMs = 300;
    const shared = new SharedArrayBuffer(4);
    // Reports progress from outside, while this thread does not run.
    const mover = new Worker(
      `const { parentPort, workerData } = require('node:worker_threads');
       Atomics.wait(workerData, 0, 0);
       parentPort.postMessage('moved');`,
      { eval: true, workerData: new Int32Array(shared) },
    );
    await once(mover, 'online');
    const promise = withDeadline(
      async (deadline) => {
        const message = once(mover, 'message').then(() => {
          deadline.noteProgress();
        });
        // In this phase of the event loop, so that the timers come next and what came in only after them.
        await new Promise(setImmediate);
        Atomics.store(new Int32Array(shared), 0, 1);
        Atomics.notify(new Int32Array(shared), 0);
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * stallMs);
        await message;
        return 'done';
      },
      { signal: live(), deadlineMs: 60_000, stallMs, what: 'copying' },
    );
    await expect(promise).resolves.toBe('done');
  });

  test("an abort of the caller is an interruption; a JobError in its signal's reason stays", async () => {
    const controller = new AbortController();
    const promise = withDeadline(never, { signal: controller.signal, deadlineMs: 60_000, what: 'waiting' });
    controller.abort();
    await expect(promise).rejects.toBeInstanceOf(InterruptedError);

    const reason = new TransientError('network', 'gone');
    const inner = withDeadline(never, {
      signal: AbortSignal.abort(reason),
      deadlineMs: 60_000,
      what: 'waiting',
    });
    await expect(inner).rejects.toBe(reason);
  });

  test('work does not begin when the signal is already aborted', async () => {
    let begun = false;
    const promise = withDeadline(
      () => {
        begun = true;
        return never();
      },
      { signal: AbortSignal.abort(), deadlineMs: 60_000, what: 'waiting' },
    );
    await expect(promise).rejects.toBeInstanceOf(InterruptedError);
    expect(begun).toBe(false);
  });

  test('the error of the work is thrown unchanged', async () => {
    const failure = new Error('mine');
    await expect(
      withDeadline(() => Promise.reject(failure), { signal: live(), deadlineMs: 60_000, what: 'failing' }),
    ).rejects.toBe(failure);
  });
});

test('a stopped deadline never aborts', async () => {
  const deadline = startDeadline({ signal: live(), deadlineMs: 5, stallMs: 5, what: 'nothing' });
  deadline.stop();
  await pause(20, live());
  expect(deadline.signal.aborted).toBe(false);
});
