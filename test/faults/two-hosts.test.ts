import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { VideoKey } from '../../src/domain/video-key.ts';
import { checksumStream } from '../../src/storage/checksums.ts';
import { between, seededRandom } from '../chaos/seeded-random.ts';
import { listAll, untilDone } from '../contract/test-stores.ts';
import { CrashEnvironment } from '../support/crash-environment.ts';
import { eventually } from '../support/eventually.ts';
import type { Program } from '../support/program.ts';

const ITEMS = 30;
const KILLS = 8;
/** Downloads and uploads at once; so many downloads may be lost with a kill. */
const CONCURRENCY = 3;
const SIZE_BYTES = 200_000;
const KEYS: readonly VideoKey[] = Array.from({ length: ITEMS }, (_, index) => ({
  provider: 'youtube',
  videoId: `tWo-HoSt${String(index).padStart(3, '0')}`,
}));

const HOSTS = {
  downloads: ['download', 'retry'],
  uploads: ['upload', 'sync', 'retry'],
} as const;
type Host = keyof typeof HOSTS;

let crash: CrashEnvironment;

beforeEach(async () => {
  crash = await CrashEnvironment.open({
    STAGING: 's3',
    DOWNLOAD_CONCURRENCY: String(CONCURRENCY),
    UPLOAD_CONCURRENCY: String(CONCURRENCY),
  });
});
afterEach(() => crash.close());

/** Each host has a directory of its own, which the other one does not know. */
function start(host: Host): Program {
  const variables = { STAGING_DIR: path.join(crash.environment.directory, `staging-of-${host}`) };
  const audio = { sizeBytes: SIZE_BYTES, takesMs: 200 };
  return crash.run({ queues: [...HOSTS[host]], audio }, variables);
}

test('STAGING=s3: one host downloads, another one uploads; both are killed at random moments and nothing is lost', async () => {
  const seed = Date.now() % 100_000;
  process.stderr.write(`two-hosts: seed ${String(seed)}\n`);
  const random = seededRandom(seed, 'kills');
  await crash.addDownloads(...KEYS);
  const running = { downloads: start('downloads'), uploads: start('uploads') };
  for (let kills = 0; kills < KILLS; kills += 1) {
    const victim: Host = random() < 0.5 ? 'downloads' : 'uploads';
    const isWorking = () => running[victim].stderr().includes('Working');
    await eventually(`work on the host that ${victim}`, isWorking, Boolean, 60_000);
    await delay(between(random, 0, 2_500));
    running[victim].kill('SIGKILL');
    expect(await running[victim].ended).toBe('SIGKILL');
    running[victim] = start(victim);
  }
  for (const key of KEYS) await crash.videoIn(key, 'mirrored', 120_000);
  await eventually('quiet queues', () => crash.isIdle(), Boolean, 60_000);

  const { bucket, mirror } = await crash.objects();
  const names = KEYS.map(({ videoId }) => `audio/youtube/${videoId}.mp3`);
  expect(bucket.map(({ name }) => name).sort()).toEqual(names);
  expect(mirror.map(({ name }) => name).sort()).toEqual(names);
  for (const key of KEYS) {
    const { audio } = (await crash.video(key)) ?? {};
    const { stream } = await crash.bucket.openRead(`audio/youtube/${key.videoId}.mp3`, {
      signal: untilDone,
    });
    const expected = { sizeBytes: SIZE_BYTES, md5: audio?.md5, sha256: audio?.sha256 };
    expect(await checksumStream(stream as AsyncIterable<Buffer>)).toEqual(expected);
  }
  expect(await listAll(crash.bucket, 'staging/')).toEqual([]);
  // Only what a kill interrupted was downloaded again.
  expect(crash.audioStarts().length).toBeLessThanOrEqual(ITEMS + KILLS * CONCURRENCY);
}, 400_000);
