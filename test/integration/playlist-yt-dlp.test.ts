import { ALBUM } from '../../local/sample-channel/channel-tabs.ts';
import { PLAYLIST_IDS } from '../../local/sample-channel/fixed-playlists.ts';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'shell-quote';
import { generatedPlaylistId } from '../../local/sample-channel/playlists.ts';
import { startSampleChannel, type SampleChannel } from '../../local/sample-channel/start-sample-channel.ts';
import type { ListingEvent, ListOptions, PlaylistEntry } from '../../src/media/playlist-listing.ts';
import { parsePlaylistReference } from '../../src/producers/playlist-reference.ts';
import { createYtDlpLister } from '../../src/media/playlist-yt-dlp-lister.ts';
import { SAMPLE_CHANNEL_DIRECTORY } from '../support/sample-channel.ts';

let channel: SampleChannel;
const CAPS = { entries: 300, mixEntries: 50 };

beforeAll(async () => {
  channel = await startSampleChannel({ directory: SAMPLE_CHANNEL_DIRECTORY });
});
afterAll(async () => {
  await channel.close();
});

function listing(
  text: string,
  options: Partial<ListOptions> = {},
  ytDlpPath = process.env['YTDLP_PATH'] ?? 'yt-dlp',
) {
  const parsed = parsePlaylistReference(text, { personalLists: true });
  if (!parsed.ok) throw new Error(parsed.reason);
  const ytDlpExtraArgs = parse(channel.extraArguments).filter((word) => typeof word === 'string');
  const lister = createYtDlpLister(
    { ytDlpPath, isYtDlpResident: true, ytDlpExtraArgs, stallMs: 30_000, deadlineMs: 50_000 },
    CAPS,
  );
  return lister.list(parsed.reference, { signal: new AbortController().signal, ...options });
}

async function list(...args: Parameters<typeof listing>) {
  const entries: PlaylistEntry[] = [];
  const others: ListingEvent[] = [];
  for await (const event of listing(...args)) {
    if (event.type === 'entry') entries.push(event.entry);
    else others.push(event);
  }
  return { entries, others };
}

describe('listing with yt-dlp', () => {
  test.each([
    [PLAYLIST_IDS.stories, 7, 'Stories'],
    [PLAYLIST_IDS.songs, 9, 'Voices'],
    ['UCsampleChannel000000000', 12, 'Uploads'],
    ['@sample-channel', 12, 'Uploads'],
  ])('%s has %i entries in order after its count', async (text, count, title) => {
    const { entries, others } = await list(text);
    expect(entries.map((entry) => entry.position)).toEqual(
      Array.from({ length: count }, (_, index) => index + 1),
    );
    expect(others).toEqual([{ type: 'playlist', title, announcedCount: count }]);
    expect(entries[0]?.metadata).toMatchObject({ title: expect.any(String), author: 'Sample Channel' });
  });

  test('a channel by its tabs has the same videos', async () => {
    const { entries } = await list('@sample-channel', { byTabs: true });
    expect(entries).toHaveLength(12);
  });

  test.each([
    ['@sample-channel/videos', 12, 'no', false],
    ['UCsampleChannel000000000', 12, 'no', false],
    ['https://www.youtube.com/channel/UCsampleChannel000000000/streams', 3, 'was_live', false],
    ['@sample-channel/streams', 3, 'was_live', false],
    ['youtube.com/sample-channel/shorts', 2, 'no', true],
  ])('%s has %i entries, those of that tab alone', async (text, count, live, isShort) => {
    const { entries } = await list(text);
    expect(entries).toHaveLength(count);
    for (const entry of entries) expect(entry).toMatchObject({ live, isShort });
  });

  test.each([
    ['@sample-channel/playlists', [PLAYLIST_IDS.stories, PLAYLIST_IDS.songs, PLAYLIST_IDS.private]],
    ['@sample-channel/releases', [ALBUM.playlistId]],
    ['@sample-channel/podcasts', [PLAYLIST_IDS.songs]],
  ])('%s has playlists, no videos', async (text, ids) => {
    const { entries, others } = await list(text);
    expect(entries).toEqual([]);
    expect(others.flatMap((event) => (event.type === 'nested' ? [event.playlist.id] : []))).toEqual(
      ids.map((id) => `playlist.${id}`),
    );
    expect(others.filter(({ type }) => type === 'problem')).toEqual([]);
  });

  test('an album of YouTube Music has the videos of its playlist', async () => {
    const { entries, others } = await list(ALBUM.pageId);
    expect(entries).toHaveLength(3);
    expect(others).toEqual([{ type: 'playlist', title: 'Album - Sample songs', announcedCount: 3 }]);
  });

  test('the live page of a channel is the video that it broadcasts, which is not downloaded', async () => {
    expect((await list('@sample-channel/live')).entries).toEqual([]);
    try {
      for (const [videoId, live] of [
        ['err-live000', 'is_live'],
        ['err-upcomin', 'is_upcoming'],
      ] as const) {
        channel.catalogue.broadcast = videoId;
        const { entries, others } = await list(
          'https://www.youtube.com/embed/live_stream?channel=UCsampleChannel000000000',
        );
        expect(entries).toMatchObject([
          { videoId, live, metadata: { title: `A video that fails: ${videoId}` } },
        ]);
        expect(others.filter(({ type }) => type === 'problem')).toEqual([]);
      }
    } finally {
      channel.catalogue.broadcast = null;
    }
  });

  test('hidden, live, short and untitled entries are recognised', async () => {
    const { entries } = await list(PLAYLIST_IDS.oddRows);
    expect(
      entries
        .map((entry) =>
          entry.isShort ? 'short' : entry.availability === 'available' ? entry.live : entry.availability,
        )
        .sort(),
    ).toEqual(['deleted', 'is_live', 'is_upcoming', 'no', 'private', 'short', 'was_live']);
  });

  test('titles with any characters are kept', async () => {
    const { entries } = await list(PLAYLIST_IDS.oddTitles);
    const titles = entries.map((entry) => entry.metadata.title ?? '');
    expect(titles.some((title) => title.includes('../'))).toBe(true);
    expect(Math.max(...titles.map((title) => title.length))).toBeGreaterThanOrEqual(5000);
  });

  test('repeated entries are listed each time', async () => {
    const { entries } = await list(PLAYLIST_IDS.duplicates);
    expect(new Set(entries.map((entry) => entry.videoId)).size).toBeLessThan(entries.length);
  });

  test('a broken page is a problem, and earlier entries are kept', async () => {
    const { entries, others } = await list(PLAYLIST_IDS.brokenPage);
    expect(entries).toHaveLength(4);
    expect(others.at(-1)).toMatchObject({ type: 'problem', reason: expect.stringContaining('500') });
  });

  test('an endless list ends at the cap with a problem', async () => {
    const { entries, others } = await list(PLAYLIST_IDS.endless);
    expect(entries).toHaveLength(CAPS.entries);
    expect(others.at(-1)).toMatchObject({ type: 'problem' });
  });

  test('a list with repeating pages ends', async () => {
    expect((await list(PLAYLIST_IDS.loop)).entries.length).toBeLessThan(13);
  });

  test('an empty list is empty', async () => {
    expect(await list(PLAYLIST_IDS.empty)).toMatchObject({ entries: [] });
  });

  test.each([
    [PLAYLIST_IDS.private, 'playlist_missing'],
    ['PLdoesnotexist00000000000000000000', 'playlist_missing'],
    ['@nobody-here', 'playlist_missing'],
    [PLAYLIST_IDS.unresolvable, 'extraction'],
  ])('%s fails as %s', async (text, errorClass) => {
    await expect(list(text)).rejects.toMatchObject({ errorClass });
  });

  test('a missing yt-dlp is an operator error', async () => {
    await expect(list(PLAYLIST_IDS.stories, {}, '/nowhere/yt-dlp')).rejects.toMatchObject({
      errorClass: 'tool_missing',
    });
  });

  test('only the newest entries are listed, without requests for later pages', async () => {
    const id = generatedPlaylistId(3000);
    const { entries } = await list(id, { newest: 10 });
    expect(entries).toHaveLength(10);
    const pages = channel.requests.all().filter((request) => request.playlistId === id);
    expect(Math.max(...pages.map((request) => request.page ?? 0))).toBeLessThan(15);
  });

  test('a slow reader makes yt-dlp wait', async () => {
    const id = generatedPlaylistId(9000);
    const pagesAsked = () => channel.requests.all().filter((request) => request.playlistId === id).length;
    const events = listing(id)[Symbol.asyncIterator]();
    await events.next();
    let before = -1;
    for (let now = pagesAsked(); now !== before; now = pagesAsked()) {
      before = now;
      await new Promise((resolve) => setTimeout(resolve, 700));
    }
    expect(before).toBeLessThan(20);
    await events.return?.();
  });

  test('an abort ends the listing as interrupted', async () => {
    const controller = new AbortController();
    const run = (async () => {
      for await (const event of listing(PLAYLIST_IDS.endless, { signal: controller.signal })) {
        if (event.type === 'entry') controller.abort();
      }
    })();
    await expect(run).rejects.toMatchObject({ outcome: 'interrupted' });
  });

  test('a program with invalid output gives problems and no entries', async () => {
    const stub = path.join(process.env['TMPDIR'] ?? '/tmp', `nonsense-${String(process.pid)}.sh`);
    await writeFile(stub, '#!/bin/sh\necho E{broken\necho "E{\\"id\\":\\"../../etc\\"}"\necho garbage\n', {
      mode: 0o755,
    });
    const { entries, others } = await list(PLAYLIST_IDS.stories, {}, stub);
    expect(entries).toEqual([]);
    expect(others.map((event) => event.type)).toEqual(['problem', 'problem', 'problem']);
  });
});
