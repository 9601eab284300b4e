import { PLAYLIST_IDS } from '../../local/sample-channel/fixed-playlists.ts';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Worker } from 'bullmq';
import type { EnqueueReport } from '../../src/cli/enqueue/enqueue-report.ts';
import { rangeOf } from '../../src/queues/download-numbers.ts';
import type { StagePayload } from '../../src/queues/payloads.ts';
import { startSampleChannel, type SampleChannel } from '../../local/sample-channel/start-sample-channel.ts';
import { generatedPlaylistId } from '../../local/sample-channel/playlists.ts';
import { runEnqueue } from '../support/enqueue-process.ts';
import { eventually } from '../support/eventually.ts';
import { connectRedis } from '../../src/queues/connections.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { SAMPLE_AUDIO } from '../support/sample-audio.ts';
import { egressLedgerOf } from '../../src/egress/egress-ledger.ts';
import { SAMPLE_CHANNEL_DIRECTORY } from '../support/sample-channel.ts';

let environment: TestEnvironment;
let channel: SampleChannel;

beforeEach(async () => {
  channel = await startSampleChannel({ directory: SAMPLE_CHANNEL_DIRECTORY });
  environment = await openTestEnvironment({ YTDLP_EXTRA_ARGS: channel.extraArguments });
});

afterEach(async () => {
  await environment.close();
  await channel.close();
});

const enqueue = (args: readonly string[], input?: string) =>
  runEnqueue(args, { ...environment, ...(input === undefined ? {} : { input }) });

describe('npm run enqueue', () => {
  test('without arguments: adds every valid line of playlist.txt, and reports each invalid one with its number and reason', async () => {
    const lines = [
      '\uFEFF# our lists',
      `https://www.youtube.com/playlist?list=${PLAYLIST_IDS.stories}   # the first`,
      '',
      'file:///etc/passwd',
      '<html>\u001B[31m',
      `${PLAYLIST_IDS.songs}  `,
      `m.youtube.com/playlist?list=${PLAYLIST_IDS.stories}`,
      'x'.repeat(10_240),
      '--exec=id',
    ];
    await writeFile(path.join(environment.directory, 'playlist.txt'), lines.join('\r\n'));
    const outcome = await enqueue([]);
    expect(outcome.exitCode).toBe(1);
    expect(outcome.stderr).toContain('playlist.txt:4: "file:///etc/passwd" starts with file:');
    expect(outcome.stderr).toContain('playlist.txt:5: ');
    expect(outcome.stderr).not.toContain('\u001B[31m');
    expect(outcome.stderr).toContain('playlist.txt:7: the same as playlist.txt:2');
    expect(outcome.stderr).toContain('playlist.txt:8: ');
    expect(outcome.stderr).toContain('playlist.txt:9: "--exec=id" is neither');
    expect(outcome.stdout).toContain('Stories');
    expect(outcome.stdout).toContain('7 of 7 announced found');
    const counts = await environment.database.overview.countByStatus();
    expect(counts.discovered).toBe(13);
    expect((await environment.queues.jobs.counts('download')).waiting).toBe(13);
    const playlists = await environment.database.playlists.all();
    expect(
      playlists.map(({ announced_count, found_count, complete }) => [announced_count, found_count, complete]),
    ).toEqual([
      [9, 9, true],
      [7, 7, true],
    ]);
  });

  test('a second time adds nothing; a shared video has one job and two memberships', async () => {
    const first = await enqueue([PLAYLIST_IDS.stories, PLAYLIST_IDS.songs, '--json']);
    expect(first.exitCode).toBe(0);
    const again = await enqueue([PLAYLIST_IDS.stories, PLAYLIST_IDS.songs, '--json']);
    expect(JSON.parse(first.stdout)).toMatchObject({ totals: { found: 16, accepted: 16, new: 13 } });
    expect(JSON.parse(again.stdout)).toMatchObject({ totals: { found: 16, accepted: 16, new: 0 } });
    expect((await environment.queues.jobs.counts('download')).waiting).toBe(13);
    const items = await environment.database.playlists.items(`playlist.${PLAYLIST_IDS.songs}`);
    expect(items.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('reads lines from standard input too; a dry run changes nothing', async () => {
    const outcome = await enqueue(['-', '--dry-run'], `${PLAYLIST_IDS.stories}\n`);
    expect(outcome).toMatchObject({ exitCode: 0 });
    expect(outcome.stdout).toContain('7 would be new');
    expect(await environment.database.playlists.all()).toEqual([]);
    expect((await environment.database.overview.countByStatus()).discovered).toBe(0);
    expect((await environment.queues.jobs.counts('download')).waiting).toBe(0);
  });

  test('filters of the command line skip videos with a reason; without them the videos are added', async () => {
    const filtered = await enqueue([PLAYLIST_IDS.oddRows, '--no-shorts', '--no-live', '--json']);
    expect(JSON.parse(filtered.stdout)).toMatchObject({
      playlists: [{ skipped: { unavailable: 2, short: 1, was_live: 3 } }],
    });
    const before = (await environment.queues.jobs.counts('download')).waiting;
    const all = await enqueue([PLAYLIST_IDS.oddRows, '--json']);
    expect(JSON.parse(all.stdout)).toMatchObject({ playlists: [{ skipped: { unavailable: 2 } }] });
    expect((await environment.queues.jobs.counts('download')).waiting).toBe(before + 4);
  });

  test('an incomplete list is reported as such', async () => {
    const outcome = await enqueue([PLAYLIST_IDS.endsEarly, PLAYLIST_IDS.brokenPage]);
    expect(outcome.exitCode).toBe(0);
    expect(outcome.stdout).toMatch(/7 of 20 announced found.*INCOMPLETE/);
    expect(outcome.stdout).toMatch(/4 of 12 announced found.*INCOMPLETE.*500/);
    const playlists = await environment.database.playlists.all();
    expect(playlists.map(({ complete }) => complete)).toEqual([false, false]);
  });

  test('a missing list fails with advice, the others are added', async () => {
    const outcome = await enqueue([PLAYLIST_IDS.private, 'sample00001', '--json']);
    expect(outcome.exitCode).toBe(1);
    expect(JSON.parse(outcome.stdout)).toMatchObject({
      failed: [{ id: `playlist.${PLAYLIST_IDS.private}`, error: { class: 'playlist_missing' } }],
      playlists: [{ id: 'video.sample00001', accepted: 1, new: 1 }],
    });
    const [playlist] = await environment.database.playlists.all();
    expect(playlist).toMatchObject({
      complete: false,
      error: { class: 'playlist_missing' },
      failed_passes: 1,
    });
  });

  test('--force starts finished and failed videos again in a new round', async () => {
    await enqueue(['sample00001', 'sample00002']);
    const key = { provider: 'youtube', videoId: 'sample00001' } as const;
    await environment.database.videos.markDownloaded(key, 0, SAMPLE_AUDIO, {});
    await environment.database.videos.markStored(key, 0, SAMPLE_AUDIO);
    const outcome = await enqueue(['sample00001', 'sample00002', '--force', '--json']);
    expect(JSON.parse(outcome.stdout)).toMatchObject({ playlists: [{ reopened: 1 }, { reopened: 0 }] });
    expect(await environment.database.videos.find(key)).toMatchObject({
      status: 'discovered',
      round: 1,
      first_round: 1,
    });
    expect((await environment.queues.jobs.counts('download')).waiting).toBe(3);
    const job = await environment.queues.queue('download').getJob('download.youtube.sample00001.1');
    // A person named it.
    expect(job?.priority).toBeLessThan(rangeOf(1).start);
  });

  test('a tab of playlists is expanded with its playlists, of which one that fails does not stop the others', async () => {
    const outcome = await enqueue(['@sample-channel/playlists', '@sample-channel/streams', '--json']);
    expect(outcome.exitCode).toBe(1);
    expect(outcome.stderr).toContain(
      'Sample Channel - playlists (handle.sample-channel~playlists): 3 playlists found',
    );
    const { playlists, failed } = JSON.parse(outcome.stdout) as EnqueueReport;
    expect(playlists.map(({ id, found }) => [id, found])).toEqual([
      ['handle.sample-channel~playlists', 3],
      [`playlist.${PLAYLIST_IDS.stories}`, 7],
      [`playlist.${PLAYLIST_IDS.songs}`, 9],
      ['handle.sample-channel~streams', 3],
    ]);
    expect(failed).toMatchObject([
      { id: `playlist.${PLAYLIST_IDS.private}`, error: { class: 'playlist_missing' } },
    ]);
    expect((await environment.database.overview.countByStatus()).discovered).toBe(16);
  });

  test('--priority: smaller is sooner, and before jobs without one, also for videos that wait already; a named video is the first', async () => {
    /** As lines of standard input: what the command line names comes before all. */
    const enqueueLines = (numbers: readonly number[], options: readonly string[] = []) =>
      enqueue(['-', ...options], numbers.map((number) => `sample0000${String(number)}\n`).join(''));
    await enqueueLines([1, 2, 3]);
    await enqueueLines([4], ['--priority', '2']);
    await enqueueLines([3, 5], ['--priority', '1']);
    await enqueue(['sample00007']);
    await enqueueLines([6]);
    const { prefix } = environment.queues;
    const connection = connectRedis(environment.config.redis, 'worker');
    const worker = new Worker<StagePayload>('download', null, { connection, prefix });
    const order: string[] = [];
    for (let taken = 0; taken < 7; taken += 1) {
      order.push((await worker.getNextJob('test', { block: false })).data.videoId);
    }
    await worker.close(true);
    connection.disconnect();
    expect(order).toEqual([7, 3, 5, 4, 1, 2, 6].map((number) => `sample0000${String(number)}`));
  });

  test('the first job is added before the last page is requested', async () => {
    const id = generatedPlaylistId(1500);
    const running = enqueue([id]);
    await eventually(
      'a first job',
      async () => (await environment.queues.jobs.counts('download')).waiting > 0,
    );
    const pages = channel.requests.all().filter((request) => request.playlistId === id);
    expect(Math.max(...pages.map((request) => request.page ?? 0))).toBeLessThan(14);
    const outcome = await running;
    expect(outcome.stdout).toContain('1500 of 1500 announced found, 1500 new');
    expect((await environment.queues.jobs.counts('download')).waiting).toBe(1500);
  });

  test('the first Ctrl-C ends it with 130, and the listed videos stay', async () => {
    const id = PLAYLIST_IDS.endless;
    const outcome = runEnqueue([id], {
      ...environment,
      onStarted: (child) => {
        void eventually(
          'a first job',
          async () => (await environment.queues.jobs.counts('download')).waiting > 0,
        ).then(() => child.kill('SIGINT'));
      },
    });
    expect((await outcome).exitCode).toBe(130);
    expect((await outcome).stderr).toContain('interrupted');
    const { discovered } = await environment.database.overview.countByStatus();
    expect(discovered).toBe((await environment.queues.jobs.counts('download')).waiting);
    expect((await environment.database.playlists.all())[0]).toMatchObject({ enabled: true });
    expect((await environment.database.playlists.all())[0]?.next_expand_at).toBeInstanceOf(Date);
  });

  test.each([
    [['--newest', 'many'], 2, /whole number/],
    [['--no-such-flag'], 2, /unknown option/],
    [['--help'], 0, /Examples/],
  ])('%j exits with %i', async (args, exitCode, text) => {
    const outcome = await enqueue(args);
    expect(outcome.exitCode).toBe(exitCode);
    expect(outcome.stdout + outcome.stderr).toMatch(text);
  });

  test('without a playlist file it says what to do', async () => {
    const outcome = await enqueue([]);
    expect(outcome.exitCode).toBe(2);
    expect(outcome.stderr).toMatch(/playlist.txt does not exist/);
  });
});

describe('the egress starts of npm run enqueue', () => {
  const home = { name: 'home', budgetPerHour: 0, spacingMs: 0 };
  const limits = { minRestMs: 4_000, maxRestMs: 4_000 };

  test('a listing waits while the egress address rests, and is the probe that ends the rest', async () => {
    const egress = egressLedgerOf(environment.queues);
    const grant = await egress.acquire([home], 'download', 5_000);
    if ('waitMs' in grant) throw new Error('There is nothing to wait for yet.');
    const refused = { kind: 'refused', reason: 'rate_limited', restAtLeastMs: 0 } as const;
    const restEndsAt = Date.now() + limits.minRestMs;
    await egress.report(grant, refused, limits);
    const variables = { ...environment.variables, EGRESS: 'home: budget=0, spacing=0' };
    const outcome = await runEnqueue([PLAYLIST_IDS.stories], { ...environment, variables });
    expect(outcome).toMatchObject({ exitCode: 0 });
    expect(Date.now()).toBeGreaterThanOrEqual(restEndsAt);
    expect(await egress.read()).toMatchObject([{ name: 'home', circuit: 'closed', usedLastHour: 2 }]);
    expect((await environment.queues.jobs.counts('download')).waiting).toBe(7);
  });

  test('it says that it waits, and can be interrupted; a dry run and single videos wait for nothing', async () => {
    const egress = egressLedgerOf(environment.queues);
    const spent = { ...home, budgetPerHour: 1 };
    await egress.acquire([spent], 'download', 5_000);
    const variables = { ...environment.variables, EGRESS: 'home: budget=1, spacing=0' };
    const outcome = await runEnqueue([PLAYLIST_IDS.stories], {
      ...environment,
      variables,
      onStarted: (child) => {
        child.stderr?.on('data', (text: string) => {
          if (text.includes('waiting')) child.kill('SIGINT');
        });
      },
    });
    expect(outcome).toMatchObject({
      exitCode: 130,
      stderr: expect.stringMatching(/waiting (60 min|59 min|1\.0 h)/),
    });
    expect((await environment.queues.jobs.counts('download')).waiting).toBe(0);
    const dry = await runEnqueue([PLAYLIST_IDS.stories, '--dry-run'], { ...environment, variables });
    expect(dry).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('7 would be new') });
    const video = await runEnqueue(['dQw4w9WgXcQ'], { ...environment, variables });
    expect(video).toMatchObject({ exitCode: 0 });
  });
});
