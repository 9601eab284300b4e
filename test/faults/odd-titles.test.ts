import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startSampleChannel, type SampleChannel } from '../../local/sample-channel/start-sample-channel.ts';
import { openMinioStore } from '../../src/storage/open-stores.ts';
import { runEnqueue } from '../support/enqueue-process.ts';
import { eventually } from '../support/eventually.ts';
import { filesBelow, probed } from '../support/media-environment.ts';
import { startProgram, type Program } from '../support/program.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { SAMPLE_CHANNEL_DIRECTORY } from '../support/sample-channel.ts';

const never = new AbortController().signal;
/** Titles that are equal for some file systems, on ids that differ only by letter case. */
const ALIKE = { AlikeTitle1: 'Caf\u00e9', aLIKEtITLE1: 'Cafe\u0301', ALIKETITLE1: 'CAF\u00c9' };
const ODD = [
  'odd000climb',
  'odd00device',
  'odd0control',
  'odd0000null',
  'odd0000long',
  'odd00000rtl',
  '-sampledash',
];
const IDS = [...ODD, ...Object.keys(ALIKE)];
const PLAYLIST = 'PLoddTitlesToTheBucket';

let channel: SampleChannel;
let environment: TestEnvironment;
let worker: Program | undefined;

beforeAll(async () => {
  channel = await startSampleChannel({
    directory: SAMPLE_CHANNEL_DIRECTORY,
    videos: Object.entries(ALIKE).map(([id, title]) => ({
      id,
      title,
      audio: { kind: 'same-as', videoId: 'sample00001' },
    })),
    playlists: [{ id: PLAYLIST, title: '../../A list\u0000 \u001b[31m', videoIds: IDS }],
  });
  environment = await openTestEnvironment({
    YTDLP_EXTRA_ARGS: channel.extraArguments,
    DOWNLOAD_CONCURRENCY: '2',
  });
});
afterAll(async () => {
  worker?.kill('SIGKILL');
  await worker?.ended;
  await environment.close();
  await channel.close();
});

test('with any title, file and object are named by the id, and the title is kept as it is', async () => {
  const outcome = await runEnqueue([PLAYLIST], environment);
  expect(outcome.exitCode).toBe(0);
  expect(outcome.stdout).not.toMatch(/[\u0000\u001b]/);
  worker = startProgram('worker', ['download', 'upload'], environment);
  await eventually(
    'all videos in the bucket',
    () => environment.database.overview.countByStatus(),
    ({ stored }) => stored === IDS.length,
    100_000,
  );

  const store = openMinioStore(environment.config.minio, environment.config.storage);
  const names = (await Array.fromAsync(store.list('audio/', never))).flat().map(({ name }) => name);
  expect(names.sort()).toEqual(IDS.map((id) => `audio/youtube/${id}.mp3`).sort());
  for (const videoId of IDS) {
    const title = channel.catalogue.video(videoId)?.title ?? undefined;
    const video = await environment.database.videos.find({ provider: 'youtube', videoId });
    const { info, stream } = await store.openRead(`audio/youtube/${videoId}.mp3`, { signal: never });
    const stored = info.metadata?.['title'];
    if (title === undefined) expect([video?.title ?? undefined, stored]).toEqual([undefined, undefined]);
    else {
      expect(stored).not.toBe('');
      expect(video?.title?.startsWith(stored ?? '-')).toBe(true);
      // The database has the complete title; metadata have the start of a long one.
      expect(normal(title).startsWith(normal(stored ?? '-'))).toBe(true);
      expect(title.length > 100 || normal(stored ?? '') === normal(title)).toBe(true);
    }
    const file = path.join(environment.directory, 'fetched.mp3');
    await writeFile(file, await buffer(stream));
    const { format } = await probed(file);
    const tag = format.tags?.['title'];
    expect(tag === undefined ? undefined : normal(tag).slice(0, 20)).toBe(
      title === undefined ? undefined : normal(title).slice(0, 20),
    );
  }
  store.close();
  // No file was written elsewhere, and none is left.
  expect(await filesBelow(environment.directory)).toEqual(['fetched.mp3', 'staging/.staging-id']);
});

/** Control characters may be dropped or become spaces; letters and accents must not change. */
function normal(title: string): string {
  return title.replaceAll(/[\u0000-\u001f\u007f\s]+/g, '');
}
