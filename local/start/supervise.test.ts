import { describe, expect, test } from '@jest/globals';
import type { Ending, GuardedProcess } from '../guard-client.ts';
import { supervise } from './supervise.ts';

function fakeProcess(ended: Promise<Ending>): GuardedProcess {
  return { name: 'worker', pid: 1, logFile: 'worker.log', ended, stop: () => Promise.resolve() };
}

describe('supervise', () => {
  test('restarts a process that ended, prints a line, and returns when the signal is aborted', async () => {
    const stop = new AbortController();
    const lines: string[] = [];
    const second = fakeProcess(new Promise(() => undefined));
    const last = await supervise(
      {
        name: 'worker',
        process: fakeProcess(Promise.resolve({ code: 1, signal: null })),
        restart: () => {
          setImmediate(() => {
            stop.abort();
          });
          return Promise.resolve(second);
        },
      },
      stop.signal,
      (line) => lines.push(line),
    );
    expect(last).toBe(second);
    expect(lines).toEqual(['The worker ended (1); restarting it in 1 s; see worker.log']);
  });
});
