import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { PLAYLIST_IDS } from '../../local/sample-channel/fixed-playlists.ts';
import { parsePlaylistReference } from '../../src/producers/playlist-reference.ts';
import type { VideoKey } from '../../src/domain/video-key.ts';
import { CrashEnvironment } from '../support/crash-environment.ts';
import { eventually } from '../support/eventually.ts';
import type { KillPoint } from '../support/test-worker-plan.ts';

const KEY: VideoKey = { provider: 'youtube', videoId: 'CrAsH-00002' };

let crash: CrashEnvironment;

beforeEach(async () => {
  crash = await CrashEnvironment.open({
    YTDLP_EXTRA_ARGS: process.env['SAMPLE_CHANNEL_EXTRA_ARGS'] ?? '',
  });
});

afterEach(() => crash.close());

interface Row {
  readonly step: string;
  readonly kill: KillPoint;
  /** The status of the video after the kill. */
  readonly status: string;
  readonly waits: number;
}

describe('a worker that is killed between a failure and the next round', () => {
  const ROWS: readonly Row[] = [
    {
      step: 'the failure is recorded, before the retry job is added',
      kill: { part: 'videos', method: 'markRetrying', moment: 'after' },
      status: 'retrying',
      waits: 0,
    },
    {
      step: 'the retry job is added, before the job has failed',
      kill: { part: 'queues', method: 'add', moment: 'after' },
      status: 'retrying',
      waits: 1,
    },
    {
      step: 'the round is claimed, before its job is added',
      kill: { part: 'videos', method: 'claimRetry', moment: 'after' },
      status: 'discovered',
      waits: 1,
    },
    {
      step: 'the round is put into the backlog, before its job is added',
      kill: { part: 'backlog', method: 'put', moment: 'after' },
      status: 'discovered',
      waits: 1,
    },
    {
      step: 'the job of the round is added, before its video leaves the backlog',
      kill: { part: 'queues', method: 'addMany', moment: 'after' },
      status: 'discovered',
      waits: 1,
    },
    {
      step: 'the video has left the backlog, before the retry job is finished',
      kill: { part: 'backlog', method: 'remove', moment: 'after' },
      status: 'discovered',
      waits: 1,
    },
  ];

  test.each(ROWS)('loses and repeats nothing when $step', async ({ kill, status, waits }) => {
    await crash.addDownloads(KEY);
    // Three failed attempts end the first round.
    const audio = { failures: { outcome: 'transient' as const, calls: 3 } };
    await crash.runUntilKill(kill, { audio, queues: ['download', 'retry'] });
    expect(await crash.video(KEY)).toMatchObject({ status });
    const retry = await crash.environment.queues.jobs.counts('retry');
    expect(retry.delayed + retry.active + retry.waiting).toBe(waits);

    crash.run();
    await crash.expectMirroredOnce(KEY);
    expect((await crash.video(KEY))?.round).toBeLessThanOrEqual(1);
  });

  test('loses and repeats nothing when the permanent failure is recorded, before the job has failed', async () => {
    await crash.addDownloads(KEY);
    const audio = { failures: { outcome: 'permanent' as const, calls: 1 } };
    await crash.runUntilKill({ part: 'videos', method: 'markFailed', moment: 'after' }, { audio });
    crash.run();
    await eventually('quiet queues', () => crash.isIdle(), Boolean, 45_000);
    expect(await crash.video(KEY)).toMatchObject({ status: 'failed', round: 0, error: { class: 'private' } });
    expect(crash.audioStarts()).toHaveLength(1);
  });
});

describe('a worker that is killed while it expands a playlist', () => {
  test.each<{ step: string; kill: KillPoint }>([
    {
      step: 'videos are recorded, before their jobs are added',
      kill: { part: 'videos', method: 'discover', moment: 'after' },
    },
    {
      step: 'videos are put into the backlog, before jobs are added',
      kill: { part: 'backlog', method: 'put', moment: 'after' },
    },
    {
      step: 'jobs are added, before their videos leave the backlog',
      kill: { part: 'queues', method: 'addMany', moment: 'after' },
    },
    {
      step: 'their videos have left the backlog, before the pass is recorded',
      kill: { part: 'backlog', method: 'remove', moment: 'after' },
    },
  ])('loses and repeats nothing when $step', async ({ kill }) => {
    const { environment } = crash;
    const parsed = parsePlaylistReference(PLAYLIST_IDS.songs);
    if (!parsed.ok) throw new Error(parsed.reason);
    const { id } = parsed.reference;
    await environment.database.playlists.register(parsed.reference, new Date(Date.now() + 3_600_000));
    await environment.queues.add('playlist', { playlistId: id });
    await crash.runUntilKill(kill, { queues: ['playlist'] });
    const found = Object.values(await environment.database.overview.countByStatus()).reduce(
      (sum, count) => sum + count,
    );
    expect(found).toBeGreaterThan(0);
    expect(await environment.database.playlists.findById(id)).not.toHaveProperty('found_count');

    crash.run();
    const playlist = await eventually(
      'the whole pass',
      () => environment.database.playlists.findById(id),
      (seen) => typeof seen?.found_count === 'number',
      45_000,
    );
    await eventually(
      'everything in the mirror',
      () => environment.database.overview.countByStatus(),
      ({ mirrored }) => mirrored === playlist?.found_count,
      45_000,
    );
    expect((await crash.objects()).mirror).toHaveLength(playlist?.found_count ?? 0);
    // Each video was downloaded once.
    expect(new Set(crash.audioStarts()).size).toBe(crash.audioStarts().length);
  });
});

describe('a worker that is killed while it sends a large file in parts', () => {
  test('leaves no visible object; the next run removes the unfinished upload', async () => {
    const sizeBytes = 12 * 1024 ** 2;
    const plan = { audio: { sizeBytes }, multipartFromBytes: 6 * 1024 ** 2 };
    await crash.addDownloads(KEY);
    await crash.runUntilKill({ part: 'bucket', method: 'putFile', moment: 'during', call: 30 }, plan);
    expect((await crash.objects()).bucket).toEqual([]);
    crash.run(plan);
    await crash.expectMirroredOnce(KEY, sizeBytes);
  });
});
