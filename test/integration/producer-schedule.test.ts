import { expandDuePlaylists } from '../../src/producers/schedule.ts';
import { PLAYLIST_IDS } from '../../local/sample-channel/fixed-playlists.ts';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { startSampleChannel, type SampleChannel } from '../../local/sample-channel/start-sample-channel.ts';
import { createPlaylistLister } from '../../src/media/playlist-lister.ts';
import { createYtDlpLister } from '../../src/media/playlist-yt-dlp-lister.ts';
import type { PlaylistLister } from '../../src/media/playlist-listing.ts';
import { parsePlaylistReference } from '../../src/producers/playlist-reference.ts';
import { expandPlaylist, type ExpandOptions } from '../../src/producers/expand-playlist.ts';
import { TransientError } from '../../src/domain/job-errors.ts';
import type { JobContext } from '../../src/workers/processor.ts';
import { createPlaylistProcessor } from '../../src/workers/processors/playlist.ts';
import { SAMPLE_AUDIO } from '../support/sample-audio.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { SAMPLE_CHANNEL_DIRECTORY } from '../support/sample-channel.ts';
import { withOverrides } from '../support/with-overrides.ts';

const HOUR_MS = 3_600_000;
const LIST = 'PLtest-growing-000000000000000000';
let environment: TestEnvironment;
let channel: SampleChannel;
let lister: PlaylistLister;

beforeEach(async () => {
  channel = await startSampleChannel({ directory: SAMPLE_CHANNEL_DIRECTORY });
  environment = await openTestEnvironment({ YTDLP_EXTRA_ARGS: channel.extraArguments });
  lister = createPlaylistLister(
    environment.config,
    pino({ level: 'silent' }),
    createYtDlpLister(environment.config.media),
  );
});
afterEach(async () => {
  await environment.close();
  await channel.close();
});

const serve = (videoIds: readonly string[], announcedCount = videoIds.length) => {
  channel.catalogue.addPlaylist({
    id: LIST,
    title: 'Growing',
    videoIds: [...videoIds],
    announcedCount,
    layout: 'list',
    pageSize: 4,
  });
};

function expand(text: string, changes: Partial<ExpandOptions> = {}) {
  const parsed = parsePlaylistReference(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  return expandPlaylist(parsed.reference, {
    database: environment.database,
    queues: environment.queues,
    lister,
    filters: { live: true, shorts: true },
    intervalMs: HOUR_MS,
    signal: new AbortController().signal,
    ...changes,
  });
}

const context = (signal = new AbortController().signal): JobContext => ({
  signal,
  logger: pino({ level: 'silent' }),
  attempt: 1,
  attribute: (error) => Promise.resolve(error),
  isLastAttempt: false,
  worker: 'test',
  reportProgress: () => undefined,
});
const waiting = async () => (await environment.queues.jobs.counts('download')).waiting;
const remaining = async () =>
  (await environment.database.playlists.items(`playlist.${LIST}`)).map((item) => item.video_id);

describe('playlists that are expanded again', () => {
  test('a due playlist gets one job; the job adds only new videos and sets the next date', async () => {
    serve(['sample00001', 'sample00002']);
    await expand(LIST);
    expect(await expandDuePlaylists(environment, new Date())).toBe(0);
    const later = new Date(Date.now() + 2 * HOUR_MS);
    expect(await expandDuePlaylists(environment, later)).toBe(1);
    expect(await expandDuePlaylists(environment, later)).toBe(1);
    expect((await environment.queues.jobs.counts('playlist')).waiting).toBe(1);

    serve(['sample00001', 'sample00002', 'sample00003']);
    const { process } = createPlaylistProcessor({
      database: environment.database,
      queues: environment.queues,
      lister,
      filters: environment.config.playlists.filters,
      intervalMs: 5 * HOUR_MS,
    });
    expect(await process({ playlistId: `playlist.${LIST}` }, context())).toEqual({
      found: 3,
      new: 1,
      complete: true,
      announced: 3,
    });
    expect(await waiting()).toBe(3);
    expect(await expandDuePlaylists(environment, later)).toBe(0);
    expect(await process({ playlistId: 'playlist.unknown' }, context())).toEqual({ outcome: 'superseded' });
    await expect(
      process({ playlistId: `playlist.${LIST}` }, context(AbortSignal.abort())),
    ).rejects.toMatchObject({
      outcome: 'interrupted',
    });
  });

  test('only a complete pass marks removed videos', async () => {
    const all = ['sample00001', 'sample00002', 'sample00003', 'sample00004'];
    serve(all);
    await expand(LIST);
    serve(all.slice(1), 4);
    expect(await expand(LIST)).toMatchObject({ complete: false, announced: 4, found: 3 });
    expect(await remaining()).toHaveLength(4);
    serve(all);
    expect(await expand(LIST, { filters: { live: true, shorts: true, newest: 2 } })).toMatchObject({
      complete: true,
      found: 2,
    });
    expect(await remaining()).toHaveLength(4);
    serve(all.slice(1));
    expect(await expand(LIST)).toMatchObject({ complete: true, found: 3 });
    expect(await remaining()).toEqual(all.slice(1).map((id) => `youtube.${id}`));
    serve(all);
    await expand(LIST);
    expect(await remaining()).toHaveLength(4);
  });

  test('an empty listing of a list that had videos is not complete and removes none', async () => {
    serve(['sample00001', 'sample00002']);
    await expand(LIST);
    for (let pass = 0; pass < 2; pass += 1) {
      serve([], 0);
      expect(await expand(LIST)).toMatchObject({ found: 0, complete: false });
      expect(await remaining()).toHaveLength(2);
    }
    expect(await environment.database.playlists.findById(`playlist.${LIST}`)).toMatchObject({
      found_count: 0,
      complete: false,
    });
  });

  test('titles follow the latest listing, at any status', async () => {
    const key = { provider: 'youtube', videoId: 'sample00001' } as const;
    const title = async () => (await environment.database.videos.find(key))?.title;
    serve([key.videoId, 'sample00002']);
    await expand(LIST);
    expect(await title()).toBe('The weaver bird');
    await environment.database.videos.markDownloaded(key, 0, SAMPLE_AUDIO, {});
    const before = await environment.database.videos.find(key);
    const definition = channel.catalogue.video(key.videoId);
    if (definition === undefined) throw new Error('There is no such video.');
    for (const renamed of ['constructor', '__proto__', 'The weaver bird, remastered']) {
      channel.catalogue.addVideo({ ...definition, title: renamed });
      serve([key.videoId, 'sample00002']);
      await expand(LIST);
      expect(await title()).toBe(renamed);
    }
    expect(await environment.database.videos.find(key)).toEqual({
      ...before,
      title: 'The weaver bird, remastered',
    });
  });

  test('the playlists of a tab become playlists of their own; a paused one stays paused', async () => {
    const tab = 'handle.sample-channel~playlists';
    await expand('@sample-channel/playlists');
    const { playlists } = environment.database;
    expect(await playlists.findById(tab)).toMatchObject({ found_count: 3, complete: true });
    const nested = (await playlists.all()).filter(({ listed_by }) => listed_by === tab);
    expect(nested.map(({ _id, enabled }) => [_id, enabled])).toEqual(
      [PLAYLIST_IDS.private, PLAYLIST_IDS.songs, PLAYLIST_IDS.stories].map((id) => [`playlist.${id}`, true]),
    );
    const processor = createPlaylistProcessor({
      database: environment.database,
      queues: environment.queues,
      lister,
      filters: environment.config.playlists.filters,
      intervalMs: HOUR_MS,
    });
    // They are known, so that they have a schedule of their own.
    expect(await processor.process({ playlistId: tab }, context())).toMatchObject({
      found: 3,
      complete: true,
    });
    expect((await environment.queues.jobs.counts('playlist')).waiting).toBe(0);
    await environment.database.connection.collection('playlists').deleteMany({ listed_by: tab });
    await processor.process({ playlistId: tab }, context());
    expect((await environment.queues.jobs.counts('playlist')).waiting).toBe(3);
    await environment.database.connection
      .collection<{ _id: string }>('playlists')
      .updateOne({ _id: `playlist.${PLAYLIST_IDS.songs}` }, { $set: { enabled: false } });
    const { playlists: enabled } = await expand('@sample-channel/playlists');
    expect(enabled.map(({ id }) => id)).toEqual(
      [PLAYLIST_IDS.stories, PLAYLIST_IDS.private].map((id) => `playlist.${id}`),
    );
  });

  test('a failure is recorded and retried before the interval; videos that were found stay', async () => {
    serve(['sample00001']);
    await expand(LIST);
    const failing: PlaylistLister = {
      // eslint-disable-next-line @typescript-eslint/require-await -- it fails before it lists anything
      list: async function* () {
        throw new TransientError('network', 'no route');
      },
    };
    const day = 24 * HOUR_MS;
    await expect(expand(LIST, { lister: failing, intervalMs: day })).rejects.toThrow('no route');
    const playlist = await environment.database.playlists.findById(`playlist.${LIST}`);
    expect(playlist).toMatchObject({
      failed_passes: 1,
      complete: false,
      found_count: 1,
      error: { class: 'network' },
    });
    expect(playlist?.next_expand_at?.getTime()).toBeLessThan(Date.now() + HOUR_MS);
    await expand(LIST);
    expect(await environment.database.playlists.findById(`playlist.${LIST}`)).toMatchObject({
      failed_passes: 0,
      complete: true,
    });
    expect((await environment.database.playlists.findById(`playlist.${LIST}`))?.error).toBeUndefined();
  });
});

describe('repeated and concurrent passes', () => {
  test('a crash between the record and the queue is repaired by the next pass', async () => {
    const cut = withOverrides(environment.queues, {
      // Like an end of the process: the pass would wait for a Redis that is down.
      addMany: () => Promise.reject(new Error('The process was killed.')),
    });
    await expect(expand(PLAYLIST_IDS.stories, { queues: cut })).rejects.toThrow('The process was killed.');
    // Those that came first: as many as yt-dlp had printed by then.
    const { discovered } = await environment.database.overview.countByStatus();
    expect(discovered).toBeGreaterThan(0);
    expect(await waiting()).toBe(0);
    expect(await expand(PLAYLIST_IDS.stories)).toMatchObject({
      new: 7 - discovered,
      alreadyKnown: discovered,
    });
    expect(await waiting()).toBe(7);
  });

  test('several at once, with shared videos, give each video one job', async () => {
    const lists = [PLAYLIST_IDS.stories, PLAYLIST_IDS.songs, PLAYLIST_IDS.stories, '@sample-channel'];
    await Promise.all(lists.map((text) => expand(text)));
    const { discovered } = await environment.database.overview.countByStatus();
    expect(await waiting()).toBe(discovered);
    expect(discovered).toBe(13);
  });

  test('repeated entries keep their first position', async () => {
    const result = await expand(PLAYLIST_IDS.duplicates);
    expect(result.found).toBe(result.accepted + result.repeated);
    expect(result.repeated).toBeGreaterThan(0);
    const items = await environment.database.playlists.items(`playlist.${PLAYLIST_IDS.duplicates}`);
    expect(items[0]?.position).toBe(1);
  });
});
