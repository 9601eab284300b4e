import { createServer, type RequestListener, type Server } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { parseConfig } from '../../src/config/parse-config.ts';
import { createPlaylistLister } from '../../src/media/playlist-lister.ts';
import { parsePlaylistReference } from '../../src/producers/playlist-reference.ts';
import { createYtDlpLister } from '../../src/media/playlist-yt-dlp-lister.ts';
import { expandPlaylist } from '../../src/producers/expand-playlist.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';
import { listenOnFreePort } from '../support/free-listener.ts';
import { writeStubProgram } from '../support/stub-programs/stub-program.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

const LIST = 'PLpoisonedPoisonedPoisoned';
const GOOD_ID = 'goodEntry01';
const MEBIBYTE = 1024 ** 2;
const MEMORY_LIMIT_BYTES = 250 * MEBIBYTE;

let directory: string;
let environment: TestEnvironment;
let server: Server | undefined;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'sonotheque-poison-'));
  environment = await openTestEnvironment();
});
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});
afterAll(async () => {
  await environment.close();
  await rm(directory, { recursive: true, force: true });
});

/** Expands the list with a yt-dlp that runs this script, and a Data API with these responses. */
async function expand(programText: string, api?: RequestListener) {
  const parsed = parsePlaylistReference(LIST);
  if (!parsed.ok) throw new Error(parsed.reason);
  const ytDlpPath = await writeStubProgram(directory, 'yt-dlp', programText);
  let apiUrl: string | undefined;
  if (api !== undefined) {
    server = createServer(api);
    apiUrl = `http://127.0.0.1:${String(await listenOnFreePort(server))}`;
  }
  const config = parseConfig({
    ...environment.variables,
    ...(apiUrl === undefined ? {} : { YOUTUBE_API_KEY: 'AIzaKey', YOUTUBE_API_URL: apiUrl }),
  });
  const limits = { stallMs: 10_000, deadlineMs: 40_000 };
  const ytDlp = createYtDlpLister({ ytDlpPath, isYtDlpResident: false, ytDlpExtraArgs: [], ...limits });
  const before = process.memoryUsage().rss;
  const expansion = await expandPlaylist(parsed.reference, {
    lister: createPlaylistLister(config, createSilentLogger(), ytDlp),
    filters: config.playlists.filters,
    signal: new AbortController().signal,
    database: environment.database,
    queues: environment.queues,
    intervalMs: 60_000,
  });
  expect(process.memoryUsage().rss - before).toBeLessThan(MEMORY_LIMIT_BYTES);
  return expansion;
}

const print = (value: unknown) => `console.log('E' + ${JSON.stringify(JSON.stringify(value))});`;
const good = print({ id: GOOD_ID, title: 'Good', playlist_title: 'Poisoned', playlist_count: 1 });

describe('invalid entries', () => {
  test('are skipped one by one, and the valid one among them is accepted', async () => {
    const text = [
      ...[null, [], 'text', 5, {}, { id: null }, { id: 5 }, { id: '' }, { id: 'short' }].map(print),
      ...['--exec=ls x', '../../../x', 'a\nb\nc\nd\ne\nf', 'a'.repeat(100_000)].map((id) => print({ id })),
      print({ id: 'oddTypes001', title: { a: 1 }, duration: 'long', channel: [], timestamp: {}, url: 7 }),
      print({ id: 'oddNumbers1', duration: 1e308, timestamp: 1e300, playlist_count: -1 }),
      print({ id: 'selfIncl001', url: `https://www.youtube.com/playlist?list=${LIST}`, title: LIST }),
      `console.log('E{"id":"truncated01","title":"no end');`,
      `console.log('E' + '{"a":'.repeat(100_000));`,
      `console.log('<!doctype html><title>Before you continue</title>');`,
      good,
      good,
    ].join('\n');
    await expand(text);
    const items = await environment.database.playlists.items(`playlist.${LIST}`);
    expect(items.map(({ video_id }) => video_id).sort()).toEqual(
      ['oddTypes001', 'oddNumbers1', 'selfIncl001', GOOD_ID].map((id) => `youtube.${id}`).sort(),
    );
    expect((await environment.database.playlists.all())[0]).toMatchObject({ complete: false });
    expect((await environment.queues.jobs.counts('download')).waiting).toBe(4);
  });

  test('endless lines do not fill the memory', async () => {
    const text = `
      const piece = 'E{"id":"' + 'x'.repeat(1024 * 1024);
      let written = 0;
      const write = () => {
        while (written < 200) { written += 1; if (!process.stdout.write(piece)) { process.stdout.once('drain', write); return; } }
        console.log(''); ${good}
      };
      write();`;
    await expand(text);
    expect((await environment.queues.jobs.counts('download')).waiting).toBe(4);
  });
});

describe('harmful responses of the Data API', () => {
  const bomb = gzipSync(Buffer.alloc(64 * MEBIBYTE, ' '));
  test.each<[string, RequestListener]>([
    [
      'a body without end',
      (_request, response) => {
        endless(response);
      },
    ],
    [
      'a gzip bomb',
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
        response.end(bomb);
      },
    ],
    ['JSON of a hundred thousand levels', (_request, response) => response.end('[{"a":'.repeat(100_000))],
    ['truncated JSON', (_request, response) => response.end('{"items":[{"snippet":{"title":"x"')],
    ['an HTML page', (_request, response) => response.end('<html>Sign in</html>')],
    ['nulls', (_request, response) => response.end('{"items":[null,null],"nextPageToken":null}')],
    [
      'a redirect into the private network',
      (_request, response) => {
        response.writeHead(302, { location: 'http://169.254.169.254/' });
        response.end();
      },
    ],
  ])('%s: yt-dlp lists instead', async (_what, api) => {
    await expand(good, api);
    const items = await environment.database.playlists.items(`playlist.${LIST}`);
    expect(items.map(({ video_id }) => video_id)).toContain(`youtube.${GOOD_ID}`);
  });

  function endless(response: Parameters<RequestListener>[1]): void {
    const write = () => {
      while (!response.destroyed && response.write(' '.repeat(65_536)));
      if (!response.destroyed) response.once('drain', write);
    };
    response.on('error', () => undefined);
    write();
  }
});
