import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { PLAYLIST_IDS } from '../../local/sample-channel/fixed-playlists.ts';
import { startSampleChannel, type SampleChannel } from '../../local/sample-channel/start-sample-channel.ts';
import { videoDocumentId, type VideoKey } from '../../src/domain/video-key.ts';
import {
  forgetPlaylists,
  pausePlaylists,
  type ForgetOptions,
} from '../../src/operations/manage-playlists.ts';
import type { DeletionDependencies } from '../../src/reconcile/finish-deletion.ts';
import { createPlaylistProcessor } from '../../src/workers/processors/playlist.ts';
import { runEnqueue } from '../support/enqueue-process.ts';
import { startProgram } from '../support/program.ts';
import {
  keyOf,
  openReconcileEnvironment,
  type ReconcileEnvironment,
} from '../support/reconcile-environment.ts';
import { SAMPLE_CHANNEL_DIRECTORY } from '../support/sample-channel.ts';

const ACTOR = { user: 'ada', via: 'command' } as const;
const never = new AbortController().signal;
const A = 'playlist.PLaaaaaaaaaaaaaaaa';
const B = 'playlist.PLbbbbbbbbbbbbbbbb';

let environment: ReconcileEnvironment;
let channel: SampleChannel | undefined;

beforeEach(async () => {
  channel = undefined;
  environment = await openReconcileEnvironment();
});
afterEach(async () => {
  await environment.close();
  await channel?.close();
});

async function register(id: string, ...keys: VideoKey[]): Promise<void> {
  const { playlists } = environment.database;
  const url = `https://www.youtube.com/playlist?list=${id.slice('playlist.'.length)}`;
  await playlists.register({ id, url }, new Date());
  const items = keys.map((key, index) => ({ key, position: index + 1 }));
  await playlists.recordItems(id, items, new Date());
}
const forget = (options: Partial<ForgetOptions> = {}, overrides: Partial<DeletionDependencies> = {}) =>
  forgetPlaylists([A], { withVideos: false, everywhere: false, dryRun: false, ...options }, ACTOR, {
    ...{ database: environment.database, queues: environment.queues, store: environment.store },
    ...{ mirror: undefined, signal: never },
    ...overrides,
  });
const statusOf = async (key: VideoKey) => {
  const video = await environment.database.videos.find(key);
  return video?.skip_reason ?? video?.status;
};
const due = async () =>
  (await environment.database.playlists.due(new Date(Date.now() + 1_000))).map(({ _id }) => _id);

describe('forgetting a playlist', () => {
  test('leaves its videos and stops its readings; a repeated call changes nothing', async () => {
    await environment.archive(keyOf(1));
    await register(A, keyOf(1));
    expect(await forget()).toEqual([{ id: A, outcome: 'forgotten', nested: [], videos: 0 }]);
    expect(await statusOf(keyOf(1))).toBe('mirrored');
    expect(await due()).toEqual([]);
    expect(await environment.database.playlists.all()).toEqual([]);
    // A line of a file, or a list of playlists, registers it again.
    await register(A);
    expect(await due()).toEqual([]);
    expect(await forget()).toEqual([{ id: A, outcome: 'forgotten', nested: [], videos: 0 }]);
    expect(await forgetPlaylists(['playlist.x'], options(), ACTOR, dependencies())).toEqual([
      { id: 'playlist.x', outcome: 'unknown', nested: [], videos: 0 },
    ]);
  });

  test('with its videos deletes those that no other playlist contains; a dry run only counts them', async () => {
    for (const number of [1, 2, 3]) await environment.archive(keyOf(number));
    await environment.discover(keyOf(4));
    await register(A, keyOf(1), keyOf(2), keyOf(4));
    await register(B, keyOf(2), keyOf(3));
    expect(await forget({ withVideos: true, dryRun: true })).toMatchObject([{ videos: 2 }]);
    expect(await due()).toContain(A);
    expect(await forget({ withVideos: true })).toMatchObject([{ outcome: 'forgotten', videos: 2 }]);
    expect(await Promise.all([1, 2, 3, 4].map((number) => statusOf(keyOf(number))))).toEqual([
      'deleted',
      'mirrored',
      'mirrored',
      'deleted',
    ]);
    expect(await environment.database.audit.ofTarget(A, 10)).toMatchObject([
      { user: 'ada', operation: 'playlists.forget with videos', result: [{ videos: 2 }] },
    ]);
    // The other playlist is forgotten too: now nothing contains the shared video.
    const both = await forgetPlaylists([B], options({ withVideos: true }), ACTOR, dependencies());
    expect(both).toMatchObject([{ videos: 2 }]);
    expect(await statusOf(keyOf(2))).toBe('deleted');
  });

  test('goes on where a crash cut it off', async () => {
    for (const number of [1, 2]) await environment.archive(keyOf(number));
    await register(A, keyOf(1), keyOf(2));
    const killer = new AbortController();
    const onProgress = () => {
      killer.abort();
    };
    await expect(forget({ withVideos: true, onProgress }, { signal: killer.signal })).rejects.toThrow(
      'Interrupted',
    );
    expect(await due()).toEqual([]);
    expect([await statusOf(keyOf(1)), await statusOf(keyOf(2))].sort()).toEqual(['deleted', 'mirrored']);
    expect(await forget({ withVideos: true })).toMatchObject([{ outcome: 'forgotten' }]);
    expect([await statusOf(keyOf(1)), await statusOf(keyOf(2))]).toEqual(['deleted', 'deleted']);
  });

  const options = (overrides: Partial<ForgetOptions> = {}): ForgetOptions => ({
    ...{ withVideos: false, everywhere: false, dryRun: false },
    ...overrides,
  });
  const dependencies = (): DeletionDependencies => ({
    ...{ database: environment.database, queues: environment.queues },
    ...{ store: environment.store, mirror: undefined, signal: never },
  });
});

test('a reading that is under way ends when its playlist is paused, and adds nothing more', async () => {
  await register(A);
  const { database, queues, config } = environment;
  const processor = createPlaylistProcessor({
    ...{ database, queues, filters: config.playlists.filters, intervalMs: 86_400_000 },
    lister: {
      list: async function* () {
        yield entryOf(1);
        await new Promise((resolve) => setTimeout(resolve, 400));
        await pausePlaylists([A], ACTOR, { database, queues });
        yield entryOf(2);
      },
    },
  });
  const context = { signal: never, reportProgress: () => undefined } as never;
  expect(await processor.process({ playlistId: A }, context)).toMatchObject({ complete: false });
  expect((await database.playlists.items(A)).map((item) => item.video_id)).toEqual([
    videoDocumentId(keyOf(1)),
  ]);
  expect(await statusOf(keyOf(2))).toBeUndefined();
  expect(await due()).toEqual([]);
});

function entryOf(number: number) {
  const { videoId } = keyOf(number);
  const metadata = { url: `https://www.youtube.com/watch?v=${videoId}`, title: `Video ${String(number)}` };
  return {
    type: 'entry',
    entry: { videoId, position: number, availability: 'available', live: 'no', isShort: false, metadata },
  } as never;
}

describe('the commands', () => {
  const run = async (name: string, ...args: string[]) => {
    const program = startProgram(name, args, environment);
    const exitCode = await program.ended;
    return { exitCode, stdout: program.stdout(), stderr: program.stderr() };
  };
  const enqueue = (...args: string[]) =>
    runEnqueue(args, {
      ...environment,
      variables: { ...environment.variables, YTDLP_EXTRA_ARGS: channel?.extraArguments ?? '' },
    });
  const write = (...lines: string[]) =>
    writeFile(path.join(environment.directory, 'playlist.txt'), `${lines.join('\n')}\n`);
  const { songs, stories } = PLAYLIST_IDS;

  test('enqueue and status offer removed lines; forgotten lines and deleted videos stay so until a person names them', async () => {
    channel = await startSampleChannel({ directory: SAMPLE_CHANNEL_DIRECTORY });
    await write(songs, stories);
    expect((await enqueue()).stderr).not.toContain('any more');
    await write(songs);
    const removed = await enqueue('--json');
    expect(removed.stderr).toContain(`playlist.${stories}`);
    expect(removed.stderr).toContain('npm run playlists -- forget');
    expect(JSON.parse(removed.stdout)).toMatchObject({ removedFromFile: [{ id: `playlist.${stories}` }] });
    expect((await run('status')).stdout).toContain('playlists -- forget');
    expect(JSON.parse((await run('status', '--json')).stdout)).toMatchObject({
      removedFromFile: [{ id: `playlist.${stories}` }],
    });

    const forgotten = await run('playlists', 'forget', stories, '--with-videos', '--json');
    expect(JSON.parse(forgotten.stdout)).toMatchObject({
      playlists: [{ id: `playlist.${stories}`, outcome: 'forgotten', videos: 4 }],
    });
    expect((await run('status')).stdout).not.toContain('playlists -- forget');

    await write(songs, stories);
    const again = await enqueue('--force');
    expect(again.stderr).toContain(`playlist.txt:2: playlist.${stories} was forgotten and is left alone`);
    expect(await environment.database.overview.countByStatus()).toMatchObject({ discovered: 9, skipped: 4 });

    const named = await enqueue(stories, '--force', '--json');
    expect(named.stderr).toContain('taken up again');
    expect(JSON.parse(named.stdout)).toMatchObject({ playlists: [{ found: 7, leftOut: 4 }] });
    expect(await environment.database.overview.countByStatus()).toMatchObject({ skipped: 4 });
    const unskipped = await run('videos', '--playlist', stories, '--unskip', '--json');
    expect(unskipped).toMatchObject({ exitCode: 0 });
    expect(await environment.database.overview.countByStatus()).toMatchObject({ discovered: 13, skipped: 0 });
  });

  test('list, add, pause and resume', async () => {
    expect((await run('playlists')).stdout).toContain('No playlists yet');
    const added = await run('playlists', 'add', songs);
    expect(added).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('added') });
    expect((await environment.queues.jobs.counts('playlist')).waiting).toBe(1);
    expect((await run('playlists', 'pause', songs)).exitCode).toBe(0);
    expect((await run('playlists', '--list')).stdout).toMatch(/paused +playlist/);
    expect(await due()).toEqual([]);
    expect((await run('playlists', 'resume', `playlist.${songs}`)).exitCode).toBe(0);
    expect(await due()).toEqual([`playlist.${songs}`]);
    expect((await run('playlists', 'forget', songs)).exitCode).toBe(0);
    // As `enqueue` says how to take up a forgotten line.
    expect((await run('playlists', 'add', `playlist.${songs}`)).stdout).toContain('resumed');
    expect(await run('playlists', 'pause', 'PLnotknown00000000')).toMatchObject({ exitCode: 1 });
    for (const args of [['add'], ['forget'], ['pause', 'nonsense'], ['list', songs], ['--with-videos']]) {
      expect(await run('playlists', ...args)).toMatchObject({ exitCode: 2 });
    }
  });

  test('videos: shows, skips and deletes, by id or by a filter', async () => {
    await environment.archive(keyOf(1));
    await environment.discover(keyOf(2));
    const [first, second] = [keyOf(1).videoId, keyOf(2).videoId];
    expect((await run('videos', second, '--skip')).exitCode).toBe(0);
    expect((await run('videos', first, '--delete', '--json')).exitCode).toBe(0);
    expect((await run('videos', '--status', 'skipped')).stdout).toMatch(
      /deleted[^]*ignored|ignored[^]*deleted/,
    );
    const shown = await run('videos', first, '--show');
    expect(shown.stdout).toContain('videos.delete');
    expect((await run('videos', 'unknown0000')).exitCode).toBe(1);
    for (const args of [
      ['--delete'],
      ['--skip'],
      [first, '--everywhere'],
      ['nonsense', '--skip'],
      [first, '--skip', '--delete'],
    ]) {
      expect(await run('videos', ...args)).toMatchObject({ exitCode: 2 });
    }
  });
});
