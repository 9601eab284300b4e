import { afterEach, beforeAll, afterAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { parse } from 'shell-quote';
import { generatedPlaylistId } from '../../local/sample-channel/playlists.ts';
import { startSampleChannel, type SampleChannel } from '../../local/sample-channel/start-sample-channel.ts';
import { createPlaylistLister } from '../../src/media/playlist-lister.ts';
import { createYtDlpLister } from '../../src/media/playlist-yt-dlp-lister.ts';
import type { ListingEvent, ListOptions, PlaylistEntry } from '../../src/media/playlist-listing.ts';
import { parsePlaylistReference } from '../../src/producers/playlist-reference.ts';
import { durationOf } from '../../src/media/youtube-data-api-lister.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { startYoutubeDataApi, type ApiContents, type ApiServer } from '../support/youtube-data-api-server.ts';
import { SAMPLE_CHANNEL_DIRECTORY } from '../support/sample-channel.ts';

const KEY = 'AIzaSyTestTestTestTest';
const GENERATED = generatedPlaylistId(120);
const generatedVideos = Array.from({ length: 120 }, (_, index) => ({
  id: `gen${String(index).padStart(8, '0')}`,
  title: `Recording ${String(index)}`,
  duration: 'PT10S',
}));

let channel: SampleChannel;
let api: ApiServer | undefined;
let logged = '';

beforeAll(async () => {
  channel = await startSampleChannel({ directory: SAMPLE_CHANNEL_DIRECTORY });
});
afterAll(async () => {
  await channel.close();
});
afterEach(async () => {
  await api?.close();
});

async function listerWith(contents: ApiContents, key = KEY) {
  api = await startYoutubeDataApi(KEY, contents);
  logged = '';
  const config = parseConfig({ ...process.env, YOUTUBE_API_KEY: key, YOUTUBE_API_URL: api.url });
  const ytDlpExtraArgs = parse(channel.extraArguments).filter((word) => typeof word === 'string');
  const logger = pino({}, { write: (line) => void (logged += line) });
  return createPlaylistLister(config, logger, createYtDlpLister({ ...config.media, ytDlpExtraArgs }));
}

async function list(
  contents: ApiContents,
  text: string,
  options: Omit<ListOptions, 'signal'> & { readonly signal?: AbortSignal; readonly key?: string } = {},
): Promise<{ readonly entries: readonly PlaylistEntry[]; readonly others: readonly ListingEvent[] }> {
  const parsed = parsePlaylistReference(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  const lister = await listerWith(contents, options.key);
  const entries: PlaylistEntry[] = [];
  const others: ListingEvent[] = [];
  for await (const event of lister.list(parsed.reference, {
    signal: new AbortController().signal,
    ...options,
  })) {
    if (event.type === 'entry') entries.push(event.entry);
    else others.push(event);
  }
  return { entries, others };
}

const generated = { playlists: { [GENERATED]: { title: 'Generated', videos: generatedVideos } } };
const idsOf = (entries: readonly PlaylistEntry[]) => entries.map((entry) => entry.videoId);
const inOrder = generatedVideos.map((video) => video.id);

describe('listing with the Data API', () => {
  test('lists all pages in order, with durations and dates', async () => {
    const { entries, others } = await list(generated, GENERATED);
    expect(idsOf(entries)).toEqual(inOrder);
    expect(others).toEqual([{ type: 'playlist', title: 'Generated', announcedCount: 120 }]);
    expect(entries[119]).toEqual({
      videoId: 'gen00000119',
      position: 120,
      metadata: {
        url: 'https://www.youtube.com/watch?v=gen00000119',
        title: 'Recording 119',
        author: 'A Channel',
        channelId: 'UCsampleChannel000000000',
        durationSeconds: 10,
        publishedAt: new Date('2024-05-06T07:08:09Z'),
      },
      availability: 'available',
      live: 'no',
      isShort: false,
    });
    expect(api?.calls).toHaveLength(1 + 3 + 3);
    expect(api?.calls.join()).not.toContain(KEY);
  });

  test('distinguishes hidden videos, live and past broadcasts', async () => {
    const videos = [
      { id: 'vid00000001', title: 'Private video', privacyStatus: 'private' },
      { id: 'vid00000002', title: 'Deleted video', privacyStatus: 'privacyStatusUnspecified' },
      { id: 'vid00000003', title: 'Now', live: 'live' },
      { id: 'vid00000004', title: 'Soon', live: 'upcoming' },
      { id: 'vid00000005', title: 'Was', wasLive: true, duration: 'P1DT1H' },
    ] as const;
    const id = 'PLtest0000000000';
    const { entries } = await list({ playlists: { [id]: { title: 'T', videos } } }, id);
    expect(entries.map(({ availability, live }) => `${availability} ${live}`)).toEqual([
      'private no',
      'deleted no',
      'available is_live',
      'available is_upcoming',
      'available was_live',
    ]);
    expect(entries[4]?.metadata.durationSeconds).toBe(90_000);
    expect(entries[0]?.metadata.title).toBeUndefined();
  });

  test.each([
    ['UCsampleChannel000000000', 1],
    ['@SampleHandle', 2],
    ['https://www.youtube.com/user/SampleUser', 2],
  ])('%s is listed by its uploads', async (text, callsBeforeItems) => {
    const contents = {
      playlists: { UUsampleChannel000000000: { title: 'Uploads', videos: generatedVideos.slice(0, 3) } },
      channels: { '@samplehandle': 'UUsampleChannel000000000', sampleuser: 'UUsampleChannel000000000' },
    };
    const { entries } = await list(contents, text);
    expect(entries).toHaveLength(3);
    expect(api?.calls.findIndex((call) => call.includes('/playlistItems'))).toBe(callsBeforeItems);
  });

  test('requests only the pages of the newest entries', async () => {
    const { entries } = await list(generated, GENERATED, { newest: 50 });
    expect(idsOf(entries)).toEqual(inOrder.slice(0, 50));
    expect(api?.calls.filter((call) => call.includes('playlistItems'))).toHaveLength(1);
  });

  test('ends with a problem when pages repeat', async () => {
    const { others } = await list({ ...generated, fault: 'same-token' }, GENERATED);
    expect(others.at(-1)).toMatchObject({ type: 'problem' });
  });
});

describe('when the Data API fails', () => {
  test.each([0, 1, 2, 3, 4, 5, 6])(
    'the quota ends after %i calls: yt-dlp continues, with nothing lost or duplicated',
    async (quota) => {
      const { entries } = await list({ ...generated, quota }, GENERATED);
      expect(idsOf(entries)).toEqual(inOrder);
      expect(entries.map((entry) => entry.position)).toEqual(inOrder.map((_, index) => index + 1));
      expect(logged).toContain('quotaExceeded');
    },
  );

  test('the limit of newest entries holds when both ways list', async () => {
    const { entries } = await list({ ...generated, quota: 3 }, GENERATED, { newest: 70 });
    expect(idsOf(entries)).toEqual(inOrder.slice(0, 70));
  });

  test.each(['garbage', 'wrong-key', 'error-500'] as const)(
    '%s: yt-dlp lists instead, the key is in no log line',
    async (fault) => {
      const { entries } = await list({ ...generated, fault }, GENERATED, { newest: 5 });
      expect(entries).toHaveLength(5);
      expect(logged).toContain('continues with yt-dlp');
      expect(logged).not.toContain(KEY);
    },
  );

  test('a hanging request ends when its signal aborts', async () => {
    const controller = new AbortController();
    const listing = list({ ...generated, fault: 'hang' }, GENERATED, { signal: controller.signal });
    setImmediate(() => {
      controller.abort();
    });
    await expect(listing).rejects.toMatchObject({ outcome: 'interrupted' });
  });

  test.each([
    ['PT1H2M3S', 3723],
    ['PT45S', 45],
    ['P1DT2H', 93_600],
    ['P0D', undefined],
    ['nonsense', undefined],
    [null, undefined],
  ])('the length %s is %s', (text, seconds) => {
    expect(durationOf(text)).toBe(seconds);
  });
});
