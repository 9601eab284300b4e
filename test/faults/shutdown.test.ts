import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { VideoKey } from '../../src/domain/video-key.ts';
import { CrashEnvironment } from '../support/crash-environment.ts';
import { eventually } from '../support/eventually.ts';

const KEY: VideoKey = { provider: 'youtube', videoId: 'sToP-000001' };

let crash: CrashEnvironment;

beforeEach(async () => {
  crash = await CrashEnvironment.open({ JOB_LOCK_SECONDS: '5' });
});

afterEach(() => crash.close());

async function atWork(plan: { takesMs: number; ignoresAbort?: boolean }, variables: Record<string, string>) {
  await crash.addDownloads(KEY);
  const worker = crash.run({ queues: ['download'], audio: plan }, variables);
  await crash.waitForAudioStarts(1);
  return worker;
}

describe('a worker that is stopped', () => {
  test('interrupts its jobs at once after a second signal: they wait again, no attempt counted, exit 1', async () => {
    const worker = await atWork({ takesMs: 600_000 }, { SHUTDOWN_GRACE_SECONDS: '600' });
    worker.kill('SIGTERM');
    await eventually('the stop', () => worker.stderr().includes('Stopping'), Boolean, 30_000);
    // Signals within half a second of each other count as one.
    const secondAt = Date.now() + 1_000;
    await eventually('the time of the second', () => Date.now() > secondAt);
    worker.kill('SIGTERM');
    expect(await worker.ended).toBe(1);
    expect(worker.stderr()).toContain('Interrupting the jobs at work');
    const [job] = await crash.environment.queues.queue('download').getPrioritized();
    expect(job).toMatchObject({ attemptsMade: 0, stalledCounter: 0 });
  });

  test('finishes jobs that end within the grace time', async () => {
    const worker = await atWork({ takesMs: 2_000 }, { SHUTDOWN_GRACE_SECONDS: '600' });
    worker.kill('SIGTERM');
    expect(await worker.ended).toBe(0);
    expect(worker.stderr()).not.toContain('Interrupting the jobs at work');
    expect(await crash.video(KEY)).toMatchObject({ status: 'downloaded' });
  });

  test('ends although a job ignores its signal: exit 1 with the reason', async () => {
    const worker = await atWork({ takesMs: 600_000, ignoresAbort: true }, { SHUTDOWN_GRACE_SECONDS: '0.1' });
    worker.kill('SIGTERM');
    const toldAt = performance.now();
    expect(await worker.ended).toBe(1);
    const tookMs = performance.now() - toldAt;
    // Interrupted jobs have ten seconds to end; closing takes a moment.
    expect(tookMs).toBeGreaterThan(9_500);
    expect(tookMs).toBeLessThan(20_000);
    expect(worker.stderr()).toContain('Interrupted jobs did not end in time.');
  });

  test('exits with 0 while it waits for a Redis that is down', async () => {
    const worker = crash.run({}, { REDIS_URL: 'redis://127.0.0.1:1' });
    await eventually('the waiting', () => worker.stderr().includes('Waiting for Redis'), Boolean, 30_000);
    worker.kill('SIGTERM');
    const toldAt = performance.now();
    expect(await worker.ended).toBe(0);
    expect(performance.now() - toldAt).toBeLessThan(5_000);
  });
});
