import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { PermanentError } from '../../src/domain/job-errors.ts';
import { parseVideoDocumentId, type VideoKey } from '../../src/domain/video-key.ts';
import { createAudioPipeline } from '../../src/media/audio-pipeline.ts';
import { findFiles } from '../../src/operations/import/find-files.ts';
import { importArchive } from '../../src/operations/import/import-archive.ts';
import { countOutcomes, importAudio, type ImportedFile } from '../../src/operations/import/import-audio.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';
import { StagingGate } from '../../src/staging/staging-gate.ts';
import { checksumFile } from '../../src/storage/checksums.ts';
import type { JobContext } from '../../src/workers/processor.ts';
import { createDownloadProcessor } from '../../src/workers/processors/download.ts';
import { createUploadProcessor } from '../../src/workers/processors/upload.ts';
import { mediaContext, probed } from '../support/media-environment.ts';
import {
  keyOf,
  openReconcileEnvironment,
  type ReconcileEnvironment,
} from '../support/reconcile-environment.ts';

const ACTOR = { user: 'ama', via: 'command' } as const;
const never = new AbortController().signal;
const ID = 'dQw4w9WgXcQ';

let environment: ReconcileEnvironment;
let music: string;
beforeEach(async () => {
  environment = await openReconcileEnvironment();
  music = path.join(environment.directory, 'music');
  await mkdir(music);
});
afterEach(() => environment.close());

let pitch = 300;
/** One second of a tone; each file has another content. */
async function tone(name: string, ...encoding: readonly string[]): Promise<string> {
  const file = path.join(music, name);
  const input = `sine=frequency=${String((pitch += 10))}:duration=1`;
  await promisify(execFile)('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', input, ...encoding, '-y', file]);
  return file;
}

const dependencies = () => {
  const { config, database, queues, staging } = environment;
  const gate = new StagingGate(config, queues.redis, staging);
  return { media: config.media, database, queues, staging, gate, logger: createSilentLogger() };
};
async function run(paths: readonly string[], dryRun = false): Promise<ImportedFile[]> {
  const files = await findFiles(paths);
  return await importAudio(files, { dryRun, signal: never }, ACTOR, dependencies());
}
const outcomes = (results: readonly ImportedFile[]) =>
  Object.fromEntries(results.map(({ file, outcome }) => [path.basename(file), outcome]));
const video = (key: VideoKey) => environment.database.videos.find(key);
const youtube = (videoId: string): VideoKey => ({ provider: 'youtube', videoId });
const keyOfResult = (result: ImportedFile | undefined) => {
  const key = parseVideoDocumentId(result?.id ?? '');
  if (key === undefined) throw new Error('It has no video.');
  return key;
};

const context = (): JobContext => ({
  ...{ signal: never, logger: createSilentLogger(), attempt: 1, isLastAttempt: false, worker: 'test' },
  attribute: (error) => Promise.resolve(error),
  reportProgress: () => undefined,
});

/** Works on the jobs of a video as workers do; nothing may be downloaded. */
async function work(key: VideoKey): Promise<void> {
  const { config, database, queues, staging, store } = environment;
  const { round = 0 } = (await video(key)) ?? {};
  const stage = { database, queues, retry: config.retry, staging };
  const audio = {
    produce: () => Promise.reject(new PermanentError('unsupported', 'Nothing is downloaded.')),
  };
  const gate = new StagingGate(config, queues.redis, staging);
  await createDownloadProcessor({ ...stage, audio, gate }).process({ ...key, round }, context());
  const upload = { ...stage, store, profile: 'mp3-320', isMirrored: false } as const;
  await createUploadProcessor(upload).process({ ...key, round }, context());
}

describe('the import of files', () => {
  test('makes a stored video of a file, by the usual jobs, with checksums and peaks', async () => {
    const file = await tone(`Rain [${ID}].m4a`, '-c:a', 'aac');
    const before = await checksumFile(file);
    const [result] = await run([file]);
    expect(result).toMatchObject({ outcome: 'imported', id: `youtube.${ID}`, title: 'Rain' });
    expect(await environment.queues.jobs.counts('download')).toMatchObject({ waiting: 1 });
    await work(youtube(ID));
    expect(await video(youtube(ID))).toMatchObject({
      status: 'stored',
      title: 'Rain',
      url: `https://www.youtube.com/watch?v=${ID}`,
      audio: { codec: 'mp3', bitrate: 320_000, source: 'file', peaks: 'made' },
    });
    // The file itself is only read.
    expect(await checksumFile(file)).toEqual(before);
    expect((await environment.database.audit.ofTarget(file, 1))[0]).toMatchObject({
      operation: 'import',
      result: { imported: 1, failed: 0 },
    });
    // Again: nothing to do.
    expect(outcomes(await run([file]))).toEqual({ [`Rain [${ID}].m4a`]: 'archived' });
  });

  test('finds out what a file is: by its info file, its tags, its name, its content', async () => {
    const [info, tagged, named, plain, other] = [
      await tone('one.mp3'),
      await tone('two.mp3', '-metadata', 'purl=https://youtu.be/tagged00id1', '-metadata', 'title=Two'),
      await tone('Three-aB3dEfGhIjK.mp3'),
      await tone('four.ogg', '-c:a', 'libvorbis'),
      await tone('five [dQw4w9WgXcQ].mp3'),
    ];
    await writeFile(
      path.join(music, 'one.info.json'),
      JSON.stringify({
        ...{ id: 'infoFileId1', extractor_key: 'Youtube', title: 'One <b>', channel: 'Someone' },
        ...{
          upload_date: '20260131',
          description: 'Line\nline',
          license: 'CC BY',
          tags: ['rain'],
          duration: 999,
        },
      }),
    );
    await writeFile(
      path.join(music, 'five [dQw4w9WgXcQ].info.json'),
      JSON.stringify({
        id: '123',
        extractor_key: 'Vimeo',
        title: 'Five',
        webpage_url: 'https://vimeo.com/123',
      }),
    );
    const results = await run([info, tagged, named, plain, other]);
    const { sha256 } = await checksumFile(plain);
    const { sha256: ofOther } = await checksumFile(other);
    expect(results.map(({ id }) => id)).toEqual([
      'youtube.infoFileId1',
      'youtube.tagged00id1',
      'youtube.aB3dEfGhIjK',
      `file.${sha256}`,
      `file.${ofOther}`,
    ]);
    expect(await video(youtube('infoFileId1'))).toMatchObject({
      title: 'One <b>',
      author: 'Someone',
      description: 'Line\nline',
      licence: 'CC BY',
      tags: ['rain'],
      published_at: new Date('2026-01-31T00:00:00Z'),
    });
    expect(await video(keyOfResult(results[4]))).toMatchObject({
      title: 'Five',
      url: 'https://vimeo.com/123',
    });
    for (const result of results) await work(keyOfResult(result));
    expect(await video(keyOfResult(results[3]))).toMatchObject({ status: 'stored', title: 'four' });
  });

  test('a finished MP3 is not encoded again', async () => {
    const file = await tone('a.mp3', '-c:a', 'libmp3lame', '-b:a', '320k', '-ar', '44100', '-ac', '2');
    const [result] = await run([file]);
    const staged = await environment.staging.readStaged(keyOfResult(result));
    expect((await probed(staged?.file ?? '')).streams[0]).toMatchObject({ codec_name: 'mp3' });
    const frames = async (name: string) =>
      (
        await promisify(execFile)('ffmpeg', [
          ...['-v', 'error', '-i', name, '-map', '0:a', '-c', 'copy', '-f', 'md5', '-'],
        ])
      ).stdout;
    expect(await frames(staged?.file ?? '')).toBe(await frames(file));
  });

  test('a bad file stops no other, and what cannot be imported says why', async () => {
    const { database, queues, store } = environment;
    const good = await tone('z [zZ1zZ1zZ1zZ].mp3');
    await copyFile(good, path.join(music, 'zz copy.mp3'));
    await writeFile(path.join(music, 'a [aA1aA1aA1aA].mp3'), Buffer.alloc(50_000, 'no audio '));
    const cut = await tone('cut.m4a', '-c:a', 'aac');
    await writeFile(cut, (await readFile(cut)).subarray(0, 3_000));
    await tone('gone [gO1gO1gO1gO].mp3');
    await database.videos.discover([{ key: youtube('gO1gO1gO1gO'), url: 'https://example.org/x' }]);
    await database.decisions.requestDeletion(youtube('gO1gO1gO1gO'), false);
    await environment.archive({ ...keyOf(7), videoId: 'kN1kN1kN1kN' });
    await tone('known [kN1kN1kN1kN].mp3');
    await mkdir(path.join(music, 'below'));
    await writeFile(path.join(music, 'below', 'notes.txt'), 'x');
    await symlink(good, path.join(music, 'below', 'link.mp3'));
    const results = await run([music]);
    expect(outcomes(results)).toEqual({
      'a [aA1aA1aA1aA].mp3': 'failed',
      'cut.m4a': 'failed',
      'gone [gO1gO1gO1gO].mp3': 'skipped',
      'known [kN1kN1kN1kN].mp3': 'archived',
      'z [zZ1zZ1zZ1zZ].mp3': 'imported',
      'zz copy.mp3': 'duplicate',
    });
    expect(results.find(({ outcome }) => outcome === 'duplicate')?.duplicateOf).toBe(good);
    // A file that failed leaves nothing: no record, no job, no staged file.
    expect(await video(youtube('aA1aA1aA1aA'))).toBeUndefined();
    expect(await queues.jobs.counts('download')).toMatchObject({ waiting: 1 });
    expect((await Array.fromAsync(environment.staging.listStaged())).length).toBe(1);
    expect(store.container).not.toBe('');
  });

  test('a failed video is archived from the file of somebody who has it', async () => {
    const { database } = environment;
    await database.videos.discover([{ key: youtube(ID), url: 'https://www.youtube.com/watch?v=x' }]);
    const gone = new PermanentError('removed', 'This video has been removed.');
    await database.videos.markFailed(youtube(ID), 0, { stage: 'download', resumeAt: 'download' }, gone);
    const file = await tone(`Rain [${ID}].mp3`);
    expect(countOutcomes(await run([file]))).toMatchObject({ imported: 1 });
    await work(youtube(ID));
    expect(await video(youtube(ID))).toMatchObject({ status: 'stored', round: 1 });
  });

  test('a dry run says the same and changes nothing', async () => {
    await tone(`Rain [${ID}].mp3`);
    const results = await run([music], true);
    expect(outcomes(results)).toEqual({ [`Rain [${ID}].mp3`]: 'imported' });
    expect(await video(youtube(ID))).toBeUndefined();
    expect(await Array.fromAsync(environment.staging.listStaged())).toEqual([]);
  });

  test('an interruption keeps what is done, and another run does the rest', async () => {
    await tone('a.mp3');
    await tone('b.mp3');
    const stop = new AbortController();
    const files = await findFiles([music]);
    const onFile = () => {
      stop.abort();
    };
    const options = { dryRun: false, signal: stop.signal, onFile };
    await expect(importAudio(files, options, ACTOR, dependencies())).rejects.toMatchObject({
      outcome: 'interrupted',
    });
    expect(outcomes(await run([music]))).toEqual({ 'a.mp3': 'on_its_way', 'b.mp3': 'imported' });
  });

  test('a lost object of an imported file is not looked for at a site', async () => {
    const { config, staging } = environment;
    const pipeline = createAudioPipeline(config.media, staging, createSilentLogger());
    const key = { provider: 'file', videoId: 'a'.repeat(64) } as const;
    await expect(pipeline.produce(key, mediaContext())).rejects.toMatchObject({
      errorClass: 'unsupported',
      message: expect.stringContaining('npm run import'),
    });
  });
});

describe('the download archive of yt-dlp', () => {
  test('its videos are skipped; those that are known stay as they are', async () => {
    const { database } = environment;
    await database.videos.discover([{ key: youtube(ID), url: 'https://www.youtube.com/watch?v=x' }]);
    const file = path.join(music, 'archive.txt');
    await writeFile(
      file,
      `youtube ${ID}\nyoutube nN1nN1nN1nN\r\nvimeo 123\nnonsense\n\nyoutube nN1nN1nN1nN\n`,
    );
    const options = { dryRun: true, signal: never };
    const expected = { skipped: 1, known: 1, ignored: 2 };
    expect(await importArchive(file, options, ACTOR, database)).toEqual(expected);
    expect(await video(youtube('nN1nN1nN1nN'))).toBeUndefined();
    expect(await importArchive(file, { ...options, dryRun: false }, ACTOR, database)).toEqual(expected);
    expect(await video(youtube('nN1nN1nN1nN'))).toMatchObject({ status: 'skipped', skip_reason: 'ignored' });
    expect(await video(youtube(ID))).toMatchObject({ status: 'discovered' });
    // A listing that finds it later does not bring it back.
    await database.videos.discover([{ key: youtube('nN1nN1nN1nN'), url: 'https://example.org/x' }]);
    expect(await video(youtube('nN1nN1nN1nN'))).toMatchObject({ status: 'skipped' });
    const again = await importArchive(file, { ...options, dryRun: false }, ACTOR, database);
    expect(again).toEqual({ skipped: 0, known: 2, ignored: 2 });
  });
});
