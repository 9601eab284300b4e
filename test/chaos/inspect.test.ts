import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { VideoDocument } from '../../src/database/documents.ts';
import { PermanentError } from '../../src/domain/job-errors.ts';
import { audioObjectName } from '../../src/storage/object-names.ts';
import { openTestSetting, type TestEnvironment } from '../support/test-environment.ts';
import { inspect, type Findings } from './inspect.ts';
import { instantAudio, itemIds } from './items.ts';
import type { ReadBack } from './objects.ts';

const ITEMS = 3;
const key = (index: number) => ({ provider: 'youtube', videoId: itemIds(ITEMS)[index] ?? '' }) as const;
const nameOf = (index: number) => audioObjectName(key(index), 'mp3');

let setting: TestEnvironment;
let objects: Map<string, ReadBack | Error>;
let blobs: Map<string, ReadBack | Error>;

/** Three items as they should be in the end. */
beforeEach(async () => {
  setting = await openTestSetting();
  objects = new Map();
  await mkdir(setting.config.staging.directory, { recursive: true });
  await setting.database.videos.discover(
    [0, 1, 2].map((index) => ({ key: key(index), url: 'https://www.youtube.com/watch?v=x' })),
  );
  for (const index of [0, 1, 2]) {
    const found = contentOf(instantAudio(key(index).videoId).bytes);
    objects.set(nameOf(index), found);
    await change(index, {
      status: 'mirrored',
      audio: {
        format: 'mp3',
        key: nameOf(index),
        size: found.sizeBytes,
        md5: found.md5,
        sha256: found.sha256,
      },
    });
  }
  blobs = new Map(objects);
});

afterEach(async () => {
  await setting.close();
});

function contentOf(bytes: Buffer): ReadBack {
  const hash = (algorithm: string) => createHash(algorithm).update(bytes).digest('hex');
  return {
    sizeBytes: bytes.byteLength,
    md5: hash('md5'),
    sha256: hash('sha256'),
    soundSha256: hash('sha256'),
  };
}

async function change(index: number, facts: Partial<VideoDocument>): Promise<void> {
  await setting.database.connection
    .collection<VideoDocument>('videos')
    .updateOne({ _id: `youtube.${key(index).videoId}` }, { $set: facts });
}

function look(items = ITEMS): Promise<Findings> {
  const { config, database, queues } = setting;
  const stagingDirectory = config.staging.directory;
  return inspect({ database, queues, objects, blobs, stagingDirectory, form: 'instant', items });
}

const CLEAN = { lost: [], corrupt: [], duplicates: [], strays: [] };

describe('the check of the outcome', () => {
  test('finds nothing where all is well', async () => {
    expect(await look()).toEqual({ ...CLEAN, stored: 3, mirrored: 3, failed: 0, waiting: 0 });
  });

  test('an item that failed with a reason and one that a job carries are accounted for', async () => {
    await change(0, { status: 'discovered' });
    await change(1, { status: 'discovered' });
    for (const index of [0, 1]) {
      objects.delete(nameOf(index));
      blobs.delete(nameOf(index));
    }
    const place = { stage: 'download', resumeAt: 'download' } as const;
    await setting.database.videos.markFailed(
      key(0),
      0,
      place,
      new PermanentError('private', 'Private video'),
    );
    await setting.queues.addStage('download', key(1), 0);
    expect(await look()).toEqual({ ...CLEAN, stored: 1, mirrored: 1, failed: 1, waiting: 1 });
  });

  test('lost: no record, no job, no object, no blob, no reason', async () => {
    expect((await look(ITEMS + 1)).lost).toEqual(['gen00000003 has no record.']);
    await change(0, { status: 'downloaded' });
    await change(2, { status: 'failed' });
    objects.delete(nameOf(1));
    blobs.delete(nameOf(1));
    const { lost, stored } = await look();
    expect(lost).toEqual([
      'gen00000000 is downloaded and no job carries it.',
      'the object of gen00000001 is missing.',
      'the blob of gen00000001 is missing.',
      'gen00000002 failed without a reason.',
    ]);
    expect(stored).toBe(0);
  });

  test('corrupt: another size, other bytes, unreadable, or equal to its record and yet wrong', async () => {
    const own = instantAudio(key(0).videoId).bytes;
    objects.set(nameOf(0), contentOf(own.subarray(1)));
    const spoilt = Buffer.from(own);
    spoilt[50] = 255 - (spoilt[50] ?? 0);
    blobs.set(nameOf(0), contentOf(spoilt));
    blobs.set(nameOf(1), new Error('404'));
    const wrong = contentOf(Buffer.from('not at all'));
    objects.set(nameOf(2), wrong);
    await change(2, {
      audio: { format: 'mp3', size: wrong.sizeBytes, md5: wrong.md5, sha256: wrong.sha256 },
    });
    const { corrupt, lost } = await look();
    expect(lost).toEqual([]);
    expect(corrupt).toEqual([
      expect.stringMatching(/^the object of gen00000000 has \d+ bytes and not \d+\.$/),
      'the blob of gen00000000 has another checksum than its record.',
      'the blob of gen00000001 cannot be read: 404.',
      'the object of gen00000002 is not what the provider handed over.',
      expect.stringMatching(/^the blob of gen00000002 has \d+ bytes/),
    ]);
  });

  test('duplicates: the same content under two names, and names that no record knows', async () => {
    const content = objects.get(nameOf(0));
    if (content !== undefined) {
      objects.set(nameOf(1), content);
      blobs.set('audio/youtube/stranger.mp3', content);
    }
    expect((await look()).duplicates).toEqual([
      `The objects ${nameOf(0)} and ${nameOf(1)} are the same.`,
      'No finished item knows the blob audio/youtube/stranger.mp3.',
    ]);
  });

  test('what is left in staging', async () => {
    const { directory } = setting.config.staging;
    await mkdir(path.join(directory, 'work', 'job-1'), { recursive: true });
    await writeFile(path.join(directory, 'work', 'job-1', 'x.part'), 'x');
    expect((await look()).strays).toEqual(['work/job-1/x.part is left in staging.']);
  });
});
