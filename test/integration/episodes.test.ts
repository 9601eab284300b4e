import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { RssUpstream } from '../../local/upstreams/rss.ts';
import type { RssFeed } from '../../local/upstreams/rss-xml.ts';
import { startUpstreams, type RunningUpstreams } from '../../local/upstreams/upstream.ts';
import { rss } from '../../src/collectors/kinds/rss.ts';
import { keepLog } from '../support/log-lines.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';
import type { VideoKey } from '../../src/domain/video-key.ts';
import { openMinioStore } from '../../src/storage/open-stores.ts';
import { parseAudioObject } from '../../src/storage/audio-metadata.ts';
import { collectOnce } from '../support/collecting.ts';
import { eventually } from '../support/eventually.ts';
import { TestWorkers } from '../support/job-workers.ts';
import { startRealWorker } from '../support/real-workers.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

let environment: TestEnvironment;
let workers: TestWorkers;
let upstream: RssUpstream;
let server: RunningUpstreams;

async function open(overrides: Readonly<Record<string, string>>): Promise<void> {
  environment = await openTestEnvironment(overrides);
  workers = new TestWorkers(environment);
}

beforeEach(async () => {
  upstream = new RssUpstream();
  server = await startUpstreams([upstream]);
});
afterEach(async () => {
  await workers.stop();
  await environment.close();
  await server.close();
});

/** Collects the feed whose episode has this URL once, and adds the jobs like the engine. */
async function collectEpisode(url: string): Promise<VideoKey> {
  const feed: RssFeed = {
    title: 'A podcast',
    link: 'https://podcast.example/',
    items: [{ guid: 'episode-1', title: 'The first', enclosure: { url, type: 'audio/mpeg' } }],
  };
  upstream.setFeed('podcast', feed);
  const { media } = await collectOnce({
    kind: rss,
    settings: {
      feeds: [{ name: 'Podcast', url: `${server.addressOf('rss')}/podcast.xml` }],
      audioEnclosures: true,
    },
    access: {},
  });
  expect(media).toHaveLength(1);
  const [found] = media;
  const key = { provider: 'http', videoId: found?.videoId ?? '' } as const;
  const [state] = await environment.database.videos.discover([
    { key, url, ...(found?.title === undefined ? {} : { title: found.title }) },
  ]);
  if (state?.isNew === true) await environment.queues.add('download', { ...key, round: state.round });
  return key;
}

async function serveEpisode(): Promise<string> {
  const file = path.join(environment.directory, 'episode.mp3');
  const tone = ['-v', 'error', '-f', 'lavfi', '-i', 'sine=duration=5', '-b:a', '96k', file];
  await promisify(execFile)('ffmpeg', tone);
  upstream.setMedia('episode.mp3', { bytes: await readFile(file), contentType: 'audio/mpeg', etag: '"1"' });
  upstream.setMedia('tracker', {
    bytes: Buffer.alloc(0),
    contentType: '',
    location: 'episode.mp3?token=late',
  });
  return `${server.addressOf('rss')}/media`;
}

/** A word that must be nowhere but in the record and in the requests to the server of the episode. */
const TOKEN = 'word-of-one-listener';

test('an episode is stored and mirrored once under any URL', async () => {
  await open({ COLLECT_ALLOW_PRIVATE_ADDRESSES: 'true', EGRESS_BUDGET_PER_HOUR: '1' });
  const address = await serveEpisode();
  const log = keepLog();
  for (const stage of ['download', 'upload', 'sync'] as const) {
    await startRealWorker(stage, environment, workers, log.logger);
  }
  const key = await collectEpisode(`${address}/tracker?token=${TOKEN}`);
  const video = await eventually(
    'the mirror',
    () => environment.database.videos.find(key),
    (found) => found?.status === 'mirrored',
    60_000,
  );
  expect(video).toMatchObject({
    provider: 'http',
    title: 'The first',
    audio: { source: 'http', codec: 'mp3', bitrate: 320_000, key: `audio/http/${key.videoId}.mp3` },
  });
  const store = openMinioStore(environment.config.minio, environment.config.storage);
  const object = await store.stat(`audio/http/${key.videoId}.mp3`, new AbortController().signal);
  // From these reconcile --from-storage restores the record.
  expect(object === undefined ? undefined : parseAudioObject(object)).toMatchObject({
    key,
    source: 'http',
    sourceUrl: `${address}/tracker`,
  });
  expect(video?.url).toContain(TOKEN);
  expect(JSON.stringify(object)).not.toContain(TOKEN);
  expect(log.lines.join('')).not.toContain(TOKEN);
  const { stream } = await store.openRead(object?.name ?? '', { signal: new AbortController().signal });
  const bytes = Buffer.concat(await Array.fromAsync(stream as AsyncIterable<Buffer>));
  // Title and address are in the tags of the file itself.
  expect(bytes.includes(`${address}/tracker`)).toBe(true);
  expect(bytes.includes(TOKEN)).toBe(false);
  expect(await collectEpisode(`${address}/episode.mp3?token=2`)).toEqual(key);
  expect((await environment.database.videos.find(key))?.status).toBe('mirrored');
  expect(upstream.requestsTo('/media/episode.mp3')).toHaveLength(1);
});

test('an address of a private network fails permanently', async () => {
  await open({ RETRY_ROUNDS: '1' });
  const address = await serveEpisode();
  await startRealWorker('download', environment, workers, createSilentLogger());
  const key = await collectEpisode(`${address}/episode.mp3`);
  const video = await eventually(
    'the failure',
    () => environment.database.videos.find(key),
    (found) => found?.status === 'failed',
    60_000,
  );
  expect(video).toMatchObject({ round: 0, error: { class: 'address_refused' } });
  expect(upstream.requestsTo('/media/episode.mp3')).toEqual([]);
});
