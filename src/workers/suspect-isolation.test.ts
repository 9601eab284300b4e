import { describe, expect, test } from '@jest/globals';
import { SuspectIsolation } from './suspect-isolation.ts';

const signal = new AbortController().signal;
const IS_SNOOZED = { outcome: 'snooze', errorClass: 'isolation' };

/** A job that runs until it is told to end. */
function job() {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return {
    work: () => promise,
    end: () => {
      resolve(undefined);
    },
  };
}

describe('a suspect', () => {
  test('is put back while others run, keeps new ones from starting, and then runs alone', async () => {
    const isolation = new SuspectIsolation(10_000);
    const [first, suspect] = [job(), job()];
    const firstRun = isolation.run(signal, first.work);
    // Its work begins in a later turn.
    await Promise.resolve();
    await expect(isolation.runAlone(suspect.work)).rejects.toMatchObject(IS_SNOOZED);
    const steps: string[] = [];
    const secondRun = isolation.run(signal, () => {
      steps.push('second');
      return Promise.resolve();
    });
    first.end();
    await firstRun;
    const aloneRun = isolation.runAlone(() => {
      steps.push('alone');
      return suspect.work();
    });
    await expect(isolation.runAlone(suspect.work)).rejects.toMatchObject(IS_SNOOZED);
    expect(steps).toEqual(['alone']);
    suspect.end();
    await aloneRun;
    await secondRun;
    expect(steps).toEqual(['alone', 'second']);
  });

  test('keeps others waiting for a short time only when it does not come back', async () => {
    const isolation = new SuspectIsolation(20);
    const first = job();
    const firstRun = isolation.run(signal, first.work);
    await Promise.resolve();
    await expect(isolation.runAlone(first.work)).rejects.toMatchObject({ delayMs: 20 });
    await isolation.run(signal, () => Promise.resolve());
    first.end();
    await firstRun;
  });

  test('jobs that wait for its end can be interrupted', async () => {
    const isolation = new SuspectIsolation(10_000);
    const suspect = job();
    const aloneRun = isolation.runAlone(suspect.work);
    const controller = new AbortController();
    const waiting = isolation.run(controller.signal, () => Promise.resolve());
    controller.abort();
    await expect(waiting).rejects.toThrow('aborted');
    suspect.end();
    await aloneRun;
  });
});
