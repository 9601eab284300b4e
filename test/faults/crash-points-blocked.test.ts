import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { VideoKey } from '../../src/domain/video-key.ts';
import { CrashEnvironment } from '../support/crash-environment.ts';
import { eventually } from '../support/eventually.ts';

const KEY: VideoKey = { provider: 'youtube', videoId: 'bLoCk-00001' };

let crash: CrashEnvironment;

beforeEach(async () => {
  crash = await CrashEnvironment.open();
});

afterEach(() => crash.close());

test('another worker takes over from one whose event loop was blocked for longer than its lock, and the late result changes nothing', async () => {
  await crash.addDownloads(KEY);
  const blocked = crash.run({ queues: ['download'], audio: { blockEventLoopMs: 20_000 } });
  await crash.waitForAudioStarts(1);
  const other = crash.run();
  await crash.videoIn(KEY, 'mirrored');
  expect(other.stderr()).toContain('A job lost its worker and is started again');
  expect(await crash.environment.queues.lost.read()).toMatchObject({ download: 1, upload: 0 });

  // It continues, stages its file although the other worker uploaded long ago, and finds that its job was taken over.
  await eventually('its end', () => blocked.stderr().includes('superseded'), Boolean, 60_000);
  await crash.expectMirroredOnce(KEY);
  expect(crash.audioStarts()).toHaveLength(2);

  // It continues: the next video is its own.
  other.kill('SIGTERM');
  expect(await other.ended).toBe(0);
  const next: VideoKey = { provider: 'youtube', videoId: 'bLoCk-00002' };
  await crash.addDownloads(next);
  await crash.videoIn(next, 'downloaded');
});
