import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { VideoKey } from '../../src/domain/video-key.ts';
import { TransientError } from '../../src/domain/job-errors.ts';
import { convertAudio } from '../../src/media/convert.ts';
import { parsePeaks, PeaksReducer, type Peaks } from '../../src/media/peaks.ts';
import { finishDeletion } from '../../src/reconcile/finish-deletion.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';
import type { MinioStore } from '../../src/storage/minio-store.ts';
import { readPeaks, storePeaks } from '../../src/storage/peaks-object.ts';
import { uploadAudio } from '../../src/storage/upload-audio.ts';
import type { JobContext } from '../../src/workers/processor.ts';
import { createPeaksTask } from '../../src/workers/processors/peaks-task.ts';
import { createUploadProcessor } from '../../src/workers/processors/upload.ts';
import { mediaConfig, mediaContext, temporaryDirectory } from '../support/media-environment.ts';
import {
  addressOf,
  keyOf,
  openReconcileEnvironment,
  type ReconcileEnvironment,
} from '../support/reconcile-environment.ts';
import { STAGED_MP3 } from '../support/sample-audio.ts';
import { withOverrides } from '../support/with-overrides.ts';

const never = new AbortController().signal;
const SECONDS = 4;

let environment: ReconcileEnvironment;
beforeEach(async () => {
  environment = await openReconcileEnvironment();
});
afterEach(() => environment.close());

/** Four seconds: silence, then a loud tone. */
async function makeAudio(file: string, ...encoding: readonly string[]): Promise<void> {
  const tone = `aevalsrc='if(gt(t,${String(SECONDS / 2)}),0.9*sin(2*PI*440*t),0)':d=${String(SECONDS)}:s=44100`;
  await promisify(execFile)('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', tone, ...encoding, '-y', file],
  ]);
}

/** How loud the quarters are, from 0 to 128. */
function quarters({ data, length }: Peaks): number[] {
  const most = [0, 0, 0, 0];
  for (let point = 0; point < length; point += 1) {
    const quarter = Math.floor((4 * point) / length);
    const loudness = Math.max(...data.slice(2 * point, 2 * point + 2).map(Math.abs));
    most[quarter] = Math.max(most[quarter] ?? 0, loudness);
  }
  return most;
}

/** @param least what the tone has at least: of six channels it is only in one. */
function expectSilenceThenTone(peaks: Peaks | undefined, least = 100): void {
  if (peaks === undefined) throw new Error('There are no peaks.');
  const [first = 0, , third = 0, last = 0] = quarters(peaks);
  expect(first).toBeLessThan(4);
  expect(third).toBeGreaterThan(least);
  expect(last).toBeGreaterThan(least);
  const seconds = (peaks.length * peaks.samples_per_pixel) / peaks.sample_rate;
  expect(seconds).toBeGreaterThan(SECONDS - 0.2);
  expect(seconds).toBeLessThan(SECONDS + 0.3);
}

const context = (signal = never): JobContext => ({
  signal,
  logger: createSilentLogger(),
  attempt: 1,
  isLastAttempt: false,
  worker: 'test',
  attribute: (error) => Promise.resolve(error),
  reportProgress: () => undefined,
});

describe('a conversion', () => {
  test.each([
    ['mp3-320', 'm4a', ['-c:a', 'aac']],
    ['mp3-320', 'opus', ['-c:a', 'libopus', '-ac', '1']],
    ['original', 'm4a', ['-c:a', 'aac']],
    ['original', 'webm', ['-c:a', 'libopus']],
    ['original', 'wav', ['-c:a', 'pcm_s16le', '-ac', '6']],
  ] as const)('measures the peaks in the same run (%s from %s)', async (profile, format, encoding) => {
    const file = path.join(await temporaryDirectory(), `in.${format}`);
    await makeAudio(file, ...encoding);
    const fetched = { file, metadata: { url: 'https://example.org/x' }, source: 'yt-dlp' } as const;
    const { peaks } = await convertAudio(mediaConfig(), profile, fetched, mediaContext());
    expectSilenceThenTone(peaks, format === 'wav' ? 20 : 100);
  });

  test('gets the samples in few pieces: this process is woken for each', async () => {
    const file = path.join(await temporaryDirectory(), 'in.webm');
    await makeAudio(file, '-c:a', 'libopus');
    const add = jest.spyOn(PeaksReducer.prototype, 'add');
    try {
      const fetched = { file, metadata: { url: 'https://example.org/x' }, source: 'yt-dlp' } as const;
      await convertAudio(mediaConfig(), 'mp3-320', fetched, mediaContext());
      // Of 64 KB; ffmpeg has 200 packets.
      expect(add.mock.calls.length).toBeGreaterThan(0);
      expect(add.mock.calls.length).toBeLessThan(10);
    } finally {
      add.mockRestore();
    }
  });

  test('ends without peaks when this ffmpeg cannot make them', async () => {
    const directory = await temporaryDirectory();
    const file = path.join(directory, 'in.m4a');
    await makeAudio(file, '-c:a', 'aac');
    const ffmpegPath = path.join(directory, 'ffmpeg');
    const script = `#!/bin/sh\ncase "$*" in *pcm_s16le*) echo "[fatal] Unknown encoder 'pcm_s16le'" >&2; exit 1;; esac\nexec ffmpeg "$@"\n`;
    await writeFile(ffmpegPath, script, { mode: 0o755 });
    const fetched = { file, metadata: { url: 'https://example.org/x' }, source: 'yt-dlp' } as const;
    const converted = await convertAudio(mediaConfig({ ffmpegPath }), 'mp3-320', fetched, mediaContext());
    expect(converted.peaks).toBeUndefined();
    expect((await readFile(converted.file)).length).toBeGreaterThan(10_000);
  });
});

const PEAKS: Peaks = {
  ...{ version: 2, channels: 1, sample_rate: 8_000, samples_per_pixel: 16, bits: 8 },
  ...{ length: 2, data: [-1, 1, -2, 2] },
};
const KEY = keyOf(1);

/** Brings a video to `downloaded`, with peaks in staging. */
async function stageWithPeaks(): Promise<void> {
  const { database, staging } = environment;
  await environment.discover(KEY);
  const work = await staging.createWorkDirectory();
  const file = path.join(work, 'audio.mp3');
  await writeFile(file, 'audio');
  const staged = { ...STAGED_MP3, sizeBytes: 5, durationSeconds: 1, metadata: { url: addressOf(KEY) } };
  await staging.put(KEY, file, { ...staged, peaks: PEAKS });
  await database.videos.markDownloaded(KEY, 0, { size: 5, format: 'mp3' }, {});
}

const upload = (changes: Partial<MinioStore> = {}) => {
  const { config, database, queues, staging, store } = environment;
  return createUploadProcessor({
    ...{ database, queues, retry: config.retry, staging, profile: 'mp3-320', isMirrored: false },
    store: withOverrides(store, changes),
  }).process({ ...KEY, round: 0 }, context());
};
const audioOf = async (key: VideoKey) => (await environment.database.videos.find(key))?.audio;
const peaksOf = async (key: VideoKey) => {
  const text = await readPeaks(environment.store, key, (await audioOf(key))?.md5, never);
  return text === undefined ? undefined : parsePeaks(text);
};

describe('an upload', () => {
  test('puts the peaks beside the audio, and the record says so', async () => {
    await stageWithPeaks();
    await upload();
    expect(await audioOf(KEY)).toMatchObject({ peaks: 'made' });
    expect(await peaksOf(KEY)).toEqual(PEAKS);
    expect(await environment.database.peaks.missing('', 10)).toEqual([]);
  });

  test('ends as well when they cannot be stored; they are made later', async () => {
    await stageWithPeaks();
    const putText = () => Promise.reject(new TransientError('server_error', 'No.'));
    await upload({ putText });
    expect(await environment.database.videos.find(KEY)).toMatchObject({ status: 'stored' });
    expect((await audioOf(KEY))?.peaks).toBeUndefined();
    expect(await environment.database.peaks.missing('', 10)).toHaveLength(1);
  });

  test('a deletion takes them too', async () => {
    const { database, queues, store } = environment;
    await stageWithPeaks();
    await upload();
    await database.decisions.requestDeletion(KEY, false);
    await finishDeletion(KEY, { database, queues, store, mirror: undefined, signal: never });
    expect(await Array.fromAsync(store.list('', never))).toEqual([[]]);
  });

  test('reconcile knows them: nothing is unrecognised or lost', async () => {
    await stageWithPeaks();
    await upload();
    const { bucket, problems } = await environment.reconcile();
    expect(problems).toEqual([]);
    expect(bucket).toMatchObject({ objects: 1, unrecognised: 0, missing: 0, adopted: 0 });
  });

  test('peaks of other audio are not those of this one', async () => {
    await stageWithPeaks();
    await upload();
    await storePeaks(environment.store, KEY, JSON.stringify(PEAKS), 'f'.repeat(32), never);
    expect(await peaksOf(KEY)).toBeUndefined();
  });
});

/** A stored video, with this file as its object. */
async function stored(key: VideoKey, file: string, format = 'mp3'): Promise<void> {
  const { database, store } = environment;
  await environment.discover(key);
  const object = { ...STAGED_MP3, key, file, format, profile: 'mp3-320', sourceUrl: addressOf(key) };
  const {
    bucket,
    key: name,
    sizeBytes,
    md5,
    sha256,
    etag,
  } = await uploadAudio(store, object, {
    signal: never,
  });
  const audio = { bucket, key: name, size: sizeBytes, md5, sha256, etag, format };
  await database.videos.markDownloaded(key, 0, audio, {});
  await database.videos.markStored(key, 0, audio);
}

describe('the maintenance task', () => {
  const task = () => {
    const { config, database, staging, store } = environment;
    return createPeaksTask({ config, database, staging, store });
  };

  test('makes what is missing, passes what cannot be made, and stops at nothing', async () => {
    const { directory, database, store } = environment;
    const [good, broken, gone, later] = [keyOf(1), keyOf(2), keyOf(3), keyOf(4)];
    const [mp3, m4a, garbage] = ['a.mp3', 'b.m4a', 'c.mp3'].map((name) => path.join(directory, name));
    if (mp3 === undefined || m4a === undefined || garbage === undefined) throw new Error('No names.');
    await makeAudio(mp3, '-c:a', 'libmp3lame');
    // The index of this one stands at its end.
    await makeAudio(m4a, '-c:a', 'aac');
    await writeFile(garbage, Buffer.alloc(100_000, 'no audio '));
    await stored(good, mp3);
    await stored(broken, garbage);
    await stored(gone, mp3);
    await stored(later, m4a, 'm4a');
    await store.remove((await audioOf(gone))?.key ?? '', never);

    const run = task();
    expect(await run(context())).toEqual({ made: 2, impossible: 1, skipped: 1 });
    for (const key of [good, later]) {
      expect(await audioOf(key)).toMatchObject({ peaks: 'made' });
      expectSilenceThenTone(await peaksOf(key));
    }
    expect(await audioOf(broken)).toMatchObject({ peaks: 'none' });
    expect((await audioOf(gone))?.peaks).toBeUndefined();
    // What is done is not done again.
    expect(await run(context())).toEqual({ made: 0, impossible: 0, skipped: 1 });
    expect(await database.peaks.missing('', 10)).toHaveLength(1);
  });

  test('an object that the store cannot give does not hold up those behind it', async () => {
    const { config, database, directory, staging, store } = environment;
    const mp3 = path.join(directory, 'a.mp3');
    await makeAudio(mp3, '-c:a', 'libmp3lame');
    await stored(keyOf(1), mp3);
    await stored(keyOf(2), mp3);
    const openRead: typeof store.openRead = (name, options) =>
      name.includes(keyOf(1).videoId)
        ? Promise.reject(new TransientError('server_error', 'This object cannot be read.'))
        : store.openRead(name, options);
    const run = createPeaksTask({
      ...{ config, database, staging },
      store: withOverrides(store, { openRead }),
    });
    await expect(run(context())).rejects.toMatchObject({ errorClass: 'server_error' });
    expect(await run(context())).toMatchObject({ made: 1 });
    expect(await audioOf(keyOf(2))).toMatchObject({ peaks: 'made' });
  });

  test('peaks that were measured for audio that is gone are taken away', async () => {
    const { config, database, directory, staging, store } = environment;
    const mp3 = path.join(directory, 'a.mp3');
    await makeAudio(mp3, '-c:a', 'libmp3lame');
    await stored(KEY, mp3);
    const putText: typeof store.putText = async (put, signal) => {
      await database.decisions.requestDeletion(KEY, false);
      return await store.putText(put, signal);
    };
    const run = createPeaksTask({
      ...{ config, database, staging },
      store: withOverrides(store, { putText }),
    });
    expect(await run(context())).toEqual({ made: 0, impossible: 0, skipped: 1 });
    const names = (await Array.fromAsync(store.list('peaks/', never))).flat();
    expect(names).toEqual([]);
  });

  test('a stop ends it at once, and the audio is measured at the next run', async () => {
    const mp3 = path.join(environment.directory, 'a.mp3');
    await makeAudio(mp3, '-c:a', 'libmp3lame');
    await stored(KEY, mp3);
    await expect(task()(context(AbortSignal.abort()))).rejects.toMatchObject({ outcome: 'interrupted' });
    expect(await task()(context())).toMatchObject({ made: 1 });
  });
});
