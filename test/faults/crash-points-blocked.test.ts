import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { VideoKey } from '../../src/domain/video-key.ts';
import { CrashSetting } from '../support/crashing-worker-setting.ts';
import { eventually } from '../support/eventually.ts';

jest.setTimeout(120_000);

const KEY: VideoKey = { provider: 'youtube', videoId: 'bLoCk-00001' };

let crash: CrashSetting;

beforeEach(async () => {
  crash = await CrashSetting.open();
});

afterEach(() => crash.close());

test('a worker whose event loop stood still for longer than its lock is overtaken, and does no harm when it wakes', async () => {
  await crash.discover(KEY);
  await crash.setting.queues.addStage('download', KEY, 0);
  const blocked = crash.run({ queues: ['download'], audio: { blocksMs: 20_000 } });
  await crash.begun(1);
  const other = crash.run();
  await crash.videoIn(KEY, 'mirrored');
  expect(other.stderr()).toContain('A job lost its worker and is started again');
  expect(await crash.setting.queues.lost.read()).toMatchObject({ download: 1, upload: 0 });

  // It wakes, stages its file although the other's was uploaded long ago, and finds that it was overtaken.
  await eventually('its end', () => blocked.stderr().includes('superseded'), Boolean, 60_000);
  await crash.expectMirroredOnce(KEY);
  expect(crash.beginnings()).toHaveLength(2);

  // It goes on: the next video is its own.
  other.kill('SIGTERM');
  expect(await other.ended).toBe(0);
  const next: VideoKey = { provider: 'youtube', videoId: 'bLoCk-00002' };
  await crash.discover(next);
  await crash.setting.queues.addStage('download', next, 0);
  await crash.videoIn(next, 'downloaded');
});
