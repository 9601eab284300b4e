import { PLAYLIST_IDS } from '../../local/sample-channel/fixed-playlists.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { CHANNEL } from '../../local/sample-channel/channel.ts';
import {
  controlSampleChannel,
  readSampleChannelRequests,
} from '../../local/sample-channel/control-client.ts';
import { ODD_TITLES } from '../../local/sample-channel/odd-rows.ts';
import { generatedPlaylistId } from '../../local/sample-channel/playlists.ts';
import { SAMPLE_VIDEOS } from '../../local/sample-channel/sample-videos.ts';
import { runYtDlp } from '../support/run-yt-dlp.ts';
import { openNewSampleChannel, type NewSampleChannel } from '../support/sample-channel.ts';

let channel: NewSampleChannel;

beforeAll(async () => {
  channel = await openNewSampleChannel();
});
afterAll(() => channel.close());
beforeEach(() => channel.reset());

const playlistUrl = (id: string): string => `https://www.youtube.com/playlist?list=${id}`;
const list = (url: string, template = '%(id)s', onLine?: (line: string, stop: () => void) => void) =>
  runYtDlp(
    { ...channel, ...(onLine === undefined ? {} : { onLine }) },
    ...['--quiet', '--flat-playlist', '--lazy-playlist', '--extractor-retries', '1', '--print', template],
    ...['--', url],
  );
async function requestedPages(playlistId: string): Promise<(number | undefined)[]> {
  const { requests } = await readSampleChannelRequests(channel.controlUrl);
  return requests
    .filter((request) => request.kind === 'browse' && request.playlistId === playlistId)
    .map((request) => request.page);
}
const ids = SAMPLE_VIDEOS.map((video) => video.id);

describe('lists', () => {
  test.each([
    ['old', PLAYLIST_IDS.stories, [...ids.slice(0, 5), 'sampleFlaky', 'err-private'], [0, 0, 1]],
    ['new', PLAYLIST_IDS.songs, ids.slice(2).filter((id) => id !== 'sampleFlaky'), [0, 0, 1, 2]],
    ['uploads', CHANNEL.uploadsPlaylistId, ids, [0, 0, 1, 2]],
  ])('the %s layout: every entry in order, over several pages', async (_name, id, expected, pages) => {
    const result = await list(playlistUrl(id), '%(playlist_count)s %(playlist_index)s %(id)s');
    expect(result.stderr).toBe('');
    expect(result.lines).toEqual(
      expected.map((videoId, index) => `${expected.length} ${index + 1} ${videoId}`),
    );
    expect(await requestedPages(id)).toEqual(pages);
  });

  test.each(['list', 'lockup'] as const)('the %s layout says title, length and channel', async (layout) => {
    const id = `PLfacts${layout}`;
    const playlist = { id, title: 'Facts', layout, videoIds: ['sample00001'], announcedCount: 3 };
    await controlSampleChannel(channel.controlUrl, { action: 'add-playlist', playlist });
    const template = '%(title)s|%(channel)s|%(channel_id)s|%(uploader_id)s|%(playlist_title)s|%(duration)d';
    const result = await list(playlistUrl(id), template);
    expect(result.lines).toEqual([
      expect.stringMatching(
        `^The weaver bird\\|${CHANNEL.title}\\|${CHANNEL.id}\\|${CHANNEL.handle}\\|Facts\\|\\d+$`,
      ),
    ]);
  });

  test.each([
    `https://www.youtube.com/${CHANNEL.handle}`,
    `https://www.youtube.com/${CHANNEL.handle}/videos`,
    `https://www.youtube.com/channel/${CHANNEL.id}`,
  ])('the channel %s lists its videos', async (url) => {
    const result = await list(url);
    expect(result.stderr).toBe('');
    expect(result.lines).toEqual(ids);
  });

  test('the first entries are printed before a later page is answered', async () => {
    const id = generatedPlaylistId(300);
    await controlSampleChannel(channel.controlUrl, {
      action: 'playlist-fault',
      playlistId: id,
      fault: { kind: 'page-stall', page: 1 },
    });
    const result = await list(playlistUrl(id), '%(id)s', (_line, stop) => {
      stop();
    });
    expect(result.lines[0]).toBe('gen00000000');
    expect(await requestedPages(id)).not.toContain(2);
  });

  test.each(['list', 'lockup'] as const)('a long list in the %s layout is complete', async (layout) => {
    const result = await list(playlistUrl(generatedPlaylistId(1234, layout)));
    expect(result.lines).toHaveLength(1234);
    expect(new Set(result.lines).size).toBe(1234);
    expect(result.lines.at(-1)).toBe('gen00001233');
  });

  test('an endless list continues until it is stopped', async () => {
    let seen = 0;
    const result = await list(playlistUrl(PLAYLIST_IDS.endless), '%(id)s', (_line, stop) => {
      seen += 1;
      if (seen === 700) stop();
    });
    expect(new Set(result.lines).size).toBeGreaterThanOrEqual(700);
  });
});

describe('incomplete lists', () => {
  test('one that ends early announces more than it has, without an error', async () => {
    const result = await list(playlistUrl(PLAYLIST_IDS.endsEarly), '%(playlist_count)s');
    expect(result).toMatchObject({ exitCode: 0, stderr: '', lines: Array(7).fill('20') });
  });

  test('a page with 500 ends the list with an error', async () => {
    const result = await list(playlistUrl(PLAYLIST_IDS.brokenPage));
    expect(result.exitCode).toBe(1);
    expect(result.lines).toEqual(ids.slice(0, 4));
    expect(result.stderr).toContain('HTTP Error 500');
  });

  test('a page with 500 once is retried', async () => {
    await controlSampleChannel(channel.controlUrl, {
      action: 'playlist-fault',
      playlistId: PLAYLIST_IDS.songs,
      fault: { kind: 'page-status', page: 1, status: 500, times: 1 },
    });
    const result = await list(playlistUrl(PLAYLIST_IDS.songs));
    expect(result.exitCode).toBe(0);
    expect(result.lines).toHaveLength(9);
  });

  test('a list can be cut at a page while the channel runs', async () => {
    await controlSampleChannel(channel.controlUrl, {
      action: 'playlist-fault',
      playlistId: PLAYLIST_IDS.songs,
      fault: { kind: 'ends-after', page: 1 },
    });
    expect((await list(playlistUrl(PLAYLIST_IDS.songs))).lines).toHaveLength(8);
  });

  test.each([
    [
      'one that does not exist',
      'PLnothingofthesort0000000000000000',
      'YouTube said: The playlist does not exist.',
    ],
    ['a private one', PLAYLIST_IDS.private, 'YouTube said: This playlist is private.'],
    [
      'one that cannot be resolved',
      PLAYLIST_IDS.unresolvable,
      'Failed to resolve url (does the playlist exist?)',
    ],
  ])('%s', async (_name, id, text) => {
    const result = await list(playlistUrl(id));
    expect(result).toMatchObject({ exitCode: 1, lines: [] });
    expect(result.stderr).toContain(text);
  });

  test('an empty list, and one with circular pages, end', async () => {
    expect(await list(playlistUrl(PLAYLIST_IDS.empty))).toMatchObject({ exitCode: 0, lines: [] });
    expect((await list(playlistUrl(PLAYLIST_IDS.loop))).lines).toEqual(ids.slice(0, 8));
  });
});

describe('odd rows', () => {
  test('odd titles are served unchanged', async () => {
    const result = await list(playlistUrl(PLAYLIST_IDS.oddTitles), '%(.{id,title})j');
    const rowSchema = z.object({ id: z.string(), title: z.string().nullish() });
    const titles = result.lines.map((line) => {
      const row = rowSchema.parse(JSON.parse(line));
      return [row.id, row.title ?? null];
    });
    // yt-dlp treats an empty title as missing.
    expect(Object.fromEntries(titles)).toEqual({ ...ODD_TITLES, odd000empty: null });
  });

  test('states and duplicates are served', async () => {
    const rows = await list(
      playlistUrl(PLAYLIST_IDS.oddRows),
      '%(title)s|%(live_status)s|%(channel)s|%(url)s',
    );
    const watch = 'https://www.youtube.com/watch?v=';
    expect(rows.lines).toEqual([
      `[Private video]|NA|NA|${watch}err-private`,
      `[Deleted video]|NA|NA|${watch}err-removed`,
      `NA|NA|NA|${watch}err-unavail`,
      `On air now|is_live|${CHANNEL.title}|${watch}err-live000`,
      `On air later|is_upcoming|${CHANNEL.title}|${watch}err-upcomin`,
      `Was on air|was_live|${CHANNEL.title}|${watch}sample00001`,
      `A short one|NA|${CHANNEL.title}|https://www.youtube.com/shorts/sample00002`,
    ]);
    const twice = await list(playlistUrl(PLAYLIST_IDS.duplicates));
    expect(twice.lines.length - new Set(twice.lines).size).toBe(4);
  });
});
