import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { PLAYLIST_IDS } from '../../local/sample-channel/fixed-playlists.ts';
import { parsePlaylistReference } from '../../src/producers/playlist-reference.ts';
import type { VideoKey } from '../../src/domain/video-key.ts';
import type { Death } from '../support/crashing-worker-plan.ts';
import { CrashSetting } from '../support/crashing-worker-setting.ts';
import { eventually } from '../support/eventually.ts';

const KEY: VideoKey = { provider: 'youtube', videoId: 'CrAsH-00002' };

let crash: CrashSetting;

beforeEach(async () => {
  crash = await CrashSetting.open({
    YTDLP_EXTRA_ARGS: process.env['SAMPLE_CHANNEL_EXTRA_ARGS'] ?? '',
  });
});

afterEach(() => crash.close());

interface Row {
  readonly step: string;
  readonly death: Death;
  /** The state in which the dead worker leaves the video. */
  readonly status: string;
  readonly waits: number;
}

describe('a worker killed between a failure and its next round', () => {
  const ROWS: readonly Row[] = [
    {
      step: 'the failure is written down, the wait not yet added',
      death: { part: 'videos', method: 'markRetrying', moment: 'after' },
      status: 'retrying',
      waits: 0,
    },
    {
      step: 'the wait is added, the job not yet failed',
      death: { part: 'queues', method: 'addRetry', moment: 'after' },
      status: 'retrying',
      waits: 1,
    },
    {
      step: 'the round is claimed, its job not yet added',
      death: { part: 'videos', method: 'claimRetry', moment: 'after' },
      status: 'discovered',
      waits: 1,
    },
    {
      step: 'the job of the round is added, the wait not yet finished',
      death: { part: 'queues', method: 'addStage', moment: 'after' },
      status: 'discovered',
      waits: 1,
    },
  ];

  test.each(ROWS)('$step', async ({ death, status, waits }) => {
    await crash.discover(KEY);
    await crash.setting.queues.addStage('download', KEY, 0);
    // Three attempts fail, which spends the first round.
    const audio = { failures: { outcome: 'transient' as const, calls: 3 } };
    await crash.runUntilDeath(death, { audio, queues: ['download', 'retry'] });
    expect(await crash.video(KEY)).toMatchObject({ status });
    const retry = await crash.setting.queues.counts('retry');
    expect(retry.delayed + retry.active + retry.waiting).toBe(waits);

    crash.run();
    await crash.expectMirroredOnce(KEY);
    expect((await crash.video(KEY))?.round).toBeLessThanOrEqual(1);
  });

  test('the failure for good is written down, the job not yet failed', async () => {
    await crash.discover(KEY);
    await crash.setting.queues.addStage('download', KEY, 0);
    const audio = { failures: { outcome: 'permanent' as const, calls: 1 } };
    await crash.runUntilDeath({ part: 'videos', method: 'markFailed', moment: 'after' }, { audio });
    crash.run();
    await eventually('quiet queues', () => crash.isIdle(), Boolean, 45_000);
    expect(await crash.video(KEY)).toMatchObject({ status: 'failed', round: 0, error: { class: 'private' } });
    expect(crash.beginnings()).toHaveLength(1);
  });
});

describe('a worker killed while it expands a playlist', () => {
  test.each<{ step: string; death: Death }>([
    {
      step: 'videos are recorded, their jobs not yet added',
      death: { part: 'videos', method: 'discover', moment: 'after' },
    },
    {
      step: 'jobs are added, the pass not yet written down',
      death: { part: 'queues', method: 'addStages', moment: 'after' },
    },
  ])('$step', async ({ death }) => {
    const { setting } = crash;
    const parsed = parsePlaylistReference(PLAYLIST_IDS.songs);
    if (!parsed.ok) throw new Error(parsed.reason);
    const { id } = parsed.reference;
    await setting.database.playlists.register(parsed.reference, new Date(Date.now() + 3_600_000));
    await setting.queues.addPlaylist(id);
    await crash.runUntilDeath(death, { queues: ['playlist'] });
    const found = Object.values(await setting.database.overview.countByStatus()).reduce(
      (sum, count) => sum + count,
    );
    expect(found).toBeGreaterThan(0);
    expect(await setting.database.playlists.find(id)).not.toHaveProperty('found_count');

    crash.run();
    const playlist = await eventually(
      'the whole pass',
      () => setting.database.playlists.find(id),
      (seen) => typeof seen?.found_count === 'number',
      45_000,
    );
    await eventually(
      'everything in the mirror',
      () => setting.database.overview.countByStatus(),
      ({ mirrored }) => mirrored === playlist?.found_count,
      45_000,
    );
    expect((await crash.objects()).mirror).toHaveLength(playlist?.found_count ?? 0);
    // Each video was downloaded once.
    expect(new Set(crash.beginnings()).size).toBe(crash.beginnings().length);
  });
});

describe('a worker killed while it sends a large file in parts', () => {
  test('no object is visible; the next run removes the unfinished upload', async () => {
    const sizeBytes = 12 * 1024 ** 2;
    const plan = { audio: { sizeBytes }, partedFromBytes: 6 * 1024 ** 2 };
    await crash.discover(KEY);
    await crash.setting.queues.addStage('download', KEY, 0);
    await crash.runUntilDeath({ part: 'bucket', method: 'putFile', moment: 'during', call: 30 }, plan);
    expect((await crash.objects()).bucket).toEqual([]);
    crash.run(plan);
    await crash.expectMirroredOnce(KEY, sizeBytes);
  });
});
