import { describe, expect, test } from '@jest/globals';
import { SuspectIsolation, IsolationError } from './suspect-isolation.ts';

const signal = new AbortController().signal;

describe('a job that must be alone', () => {
  test('is sent away while others work, keeps new ones out, and then has the process for itself', async () => {
    const solitude = new SuspectIsolation(10_000);
    const endFirst = await solitude.enter(false, signal);
    await expect(solitude.enter(true, signal)).rejects.toBeInstanceOf(IsolationError);
    const steps: string[] = [];
    const second = solitude.enter(false, signal).then((end) => {
      steps.push('second');
      return end;
    });
    endFirst();
    const endAlone = await solitude.enter(true, signal);
    steps.push('alone');
    await expect(solitude.enter(true, signal)).rejects.toBeInstanceOf(IsolationError);
    expect(steps).toEqual(['alone']);
    endAlone();
    (await second)();
    expect(steps).toEqual(['alone', 'second']);
  });

  test('keeps nobody out for long when it does not come back', async () => {
    const solitude = new SuspectIsolation(20);
    const end = await solitude.enter(false, signal);
    await expect(solitude.enter(true, signal)).rejects.toMatchObject({ retryAfterMs: 20 });
    (await solitude.enter(false, signal))();
    end();
  });

  test('those that wait meanwhile can be interrupted', async () => {
    const solitude = new SuspectIsolation(10_000);
    const end = await solitude.enter(true, signal);
    const controller = new AbortController();
    const waiting = solitude.enter(false, controller.signal);
    controller.abort();
    await expect(waiting).rejects.toThrow('aborted');
    end();
  });
});
