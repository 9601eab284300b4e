import type { VideoDocument } from '../../src/database/collections/video.ts';
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { PermanentError } from '../../src/domain/job-errors.ts';
import { audioObjectName } from '../../src/storage/object-names.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { checkOutcome, type Findings } from './check-outcome.ts';
import { instantAudio, itemIds } from './items.ts';
import type { ReadBack } from './objects.ts';

const ITEMS = 3;
const key = (index: number) => ({ provider: 'youtube', videoId: itemIds(ITEMS)[index] ?? '' }) as const;
const nameOf = (index: number) => audioObjectName(key(index), 'mp3');

let environment: TestEnvironment;
let objects: Map<string, ReadBack | Error>;
let blobs: Map<string, ReadBack | Error>;
let stagedObjects: readonly string[];

/** Three items as they should be at the end. */
beforeEach(async () => {
  environment = await openTestEnvironment();
  objects = new Map();
  await mkdir(environment.config.staging.directory, { recursive: true });
  await environment.database.videos.discover(
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
  stagedObjects = [];
});

afterEach(async () => {
  await environment.close();
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

async function change(index: number, fields: Partial<VideoDocument>): Promise<void> {
  await environment.database.connection
    .collection<VideoDocument>('videos')
    .updateOne({ _id: `youtube.${key(index).videoId}` }, { $set: fields });
}

function check(items = ITEMS): Promise<Findings> {
  const { config, database, queues } = environment;
  const stagingDirectory = config.staging.directory;
  return checkOutcome({
    database,
    queues,
    objects,
    blobs,
    stagingDirectory,
    stagedObjects,
    audioSource: 'instant',
    items,
  });
}

const CLEAN = { lost: [], corrupt: [], duplicates: [], strays: [] };

describe('the check of the outcome of a run', () => {
  test('finds no problem when all items are as they should be', async () => {
    expect(await check()).toEqual({ ...CLEAN, stored: 3, mirrored: 3, failed: 0, waiting: 0 });
  });

  test('accepts an item that failed with a reason, and one that has a job', async () => {
    await change(0, { status: 'discovered' });
    await change(1, { status: 'discovered' });
    for (const index of [0, 1]) {
      objects.delete(nameOf(index));
      blobs.delete(nameOf(index));
    }
    const place = { stage: 'download', resumeAt: 'download' } as const;
    await environment.database.videos.markFailed(
      key(0),
      0,
      place,
      new PermanentError('private', 'Private video'),
    );
    await environment.queues.add('download', { ...key(1), round: 0 });
    expect(await check()).toEqual({ ...CLEAN, stored: 1, mirrored: 1, failed: 1, waiting: 1 });
  });

  test('lists items as lost without a record, a job, an object, a blob or a reason', async () => {
    expect((await check(ITEMS + 1)).lost).toEqual(['gen00000003 has no record.']);
    await change(0, { status: 'downloaded' });
    await change(2, { status: 'failed' });
    objects.delete(nameOf(1));
    blobs.delete(nameOf(1));
    const { lost, stored } = await check();
    expect(lost).toEqual([
      'gen00000000 is downloaded and has no job.',
      'the object of gen00000001 is missing.',
      'the blob of gen00000001 is missing.',
      'gen00000002 failed without a reason.',
    ]);
    expect(stored).toBe(0);
  });

  test('lists objects as corrupt with another size, other bytes, unreadable, or equal to their record but wrong', async () => {
    const own = instantAudio(key(0).videoId).bytes;
    objects.set(nameOf(0), contentOf(own.subarray(1)));
    const changed = Buffer.from(own);
    changed[50] = 255 - (changed[50] ?? 0);
    blobs.set(nameOf(0), contentOf(changed));
    blobs.set(nameOf(1), new Error('404'));
    const wrong = contentOf(Buffer.from('not at all'));
    objects.set(nameOf(2), wrong);
    await change(2, {
      audio: { format: 'mp3', size: wrong.sizeBytes, md5: wrong.md5, sha256: wrong.sha256 },
    });
    const { corrupt, lost } = await check();
    expect(lost).toEqual([]);
    expect(corrupt).toEqual([
      expect.stringMatching(/^the object of gen00000000 has \d+ bytes and not \d+\.$/),
      'the blob of gen00000000 has another checksum than its record.',
      'the blob of gen00000001 cannot be read: 404.',
      'the object of gen00000002 is not what the provider handed over.',
      expect.stringMatching(/^the blob of gen00000002 has \d+ bytes/),
    ]);
  });

  test('lists duplicates: the same content under two names, and names without a record', async () => {
    const content = objects.get(nameOf(0));
    if (content !== undefined) {
      objects.set(nameOf(1), content);
      blobs.set('audio/youtube/unknown.mp3', content);
    }
    expect((await check()).duplicates).toEqual([
      `The objects ${nameOf(0)} and ${nameOf(1)} have the same content.`,
      'The blob audio/youtube/unknown.mp3 belongs to no finished item.',
    ]);
  });

  test('lists what is left in staging', async () => {
    const { directory } = environment.config.staging;
    await mkdir(path.join(directory, 'work', 'job-1'), { recursive: true });
    await writeFile(path.join(directory, 'work', 'job-1', 'x.part'), 'x');
    stagedObjects = ['staging/youtube/x.json'];
    expect((await check()).strays).toEqual([
      'work/job-1/x.part is left in staging.',
      'staging/youtube/x.json is left in the bucket.',
    ]);
  });
});
