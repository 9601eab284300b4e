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
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { SAMPLE_CHANNEL_DIRECTORY } from '../support/sample-channel.ts';

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
    const playlist = await environment.database.playlists.find(`playlist.${LIST}`);
    expect(playlist).toMatchObject({
      failed_passes: 1,
      complete: false,
      found_count: 1,
      error: { class: 'network' },
    });
    expect(playlist?.next_expand_at?.getTime()).toBeLessThan(Date.now() + HOUR_MS);
    await expand(LIST);
    expect(await environment.database.playlists.find(`playlist.${LIST}`)).toMatchObject({
      failed_passes: 0,
      complete: true,
    });
    expect((await environment.database.playlists.find(`playlist.${LIST}`))?.error).toBeUndefined();
  });
});

describe('repeated and concurrent passes', () => {
  test('a crash between the record and the queue is repaired by the next pass', async () => {
    const cut = Object.create(environment.queues, {
      // Like an end of the process: the pass would wait for a Redis that is down.
      addMany: { value: () => Promise.reject(new Error('The process was killed.')) },
    }) as typeof environment.queues;
    await expect(expand(PLAYLIST_IDS.stories, { queues: cut })).rejects.toThrow('The process was killed.');
    expect((await environment.database.overview.countByStatus()).discovered).toBe(7);
    expect(await waiting()).toBe(0);
    expect(await expand(PLAYLIST_IDS.stories)).toMatchObject({ new: 0, alreadyKnown: 7 });
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
