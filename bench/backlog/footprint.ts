import mongoose, { type IndexOptions } from 'mongoose';
import { openDatabase } from '../../src/database/database.ts';
import { logSchema } from '../../src/database/collections/log.ts';
import { playlistItemSchema } from '../../src/database/collections/playlist.ts';
import { videoSchema } from '../../src/database/collections/video.ts';
import { JobQueues } from '../../src/queues/job-queues.ts';
import { createBenchConfig } from '../support/bench-config.ts';
import type { Group } from '../support/bench-report.ts';
import { removeRecords } from '../support/clean-up.ts';
import { toRow, type Figures } from '../support/figures.ts';
import { serverVersions } from '../support/versions.ts';
import { measureBucketListing } from './bucket-listing.ts';
import { FOOTPRINT, FOOTPRINT_ROWS } from './footprint-rows.ts';
import { logOfMirrored, mirroredVideo } from './records.ts';
import { item, video } from './seed-backlog.ts';

const JOBS = 5_000;
const BATCH = 500;
/** MongoDB names a record in an index by up to 9 bytes (RecordId); numbers and dates take 9 with their type. */
const RECORD_ID_BYTES = 9;
const NUMBER_BYTES = 9;

type Schema = typeof videoSchema | typeof logSchema | typeof playlistItemSchema;

/**
 * How many bytes a record takes in MongoDB and a job in Redis, and how long an object takes in a listing.
 * @param versions those of the servers are put there
 * @param directory for a file
 */
export async function measureFootprint(versions: Record<string, string>, directory: string): Promise<Group> {
  const { name, config } = createBenchConfig();
  const database = await openDatabase(config.mongo, name);
  const queues = new JobQueues(config.redis);
  try {
    Object.assign(versions, await serverVersions({ database, queues }));
    const now = Date.now();
    return {
      title: FOOTPRINT,
      columns: [
        { key: 'bytes', label: 'bytes', digits: 0 },
        { key: 'indexBytes', label: 'of index keys', digits: 0 },
        { key: 'ms', label: 'ms', digits: 3 },
      ],
      rows: [
        toRow(FOOTPRINT_ROWS.waiting, [sizeOf(video(1_234_567, now), videoSchema)]),
        toRow(FOOTPRINT_ROWS.mirrored, [sizeOf(mirroredVideo(1_234_567, now), videoSchema)]),
        toRow(FOOTPRINT_ROWS.attempt, [sizeOf(logOfMirrored(1_234_567, now), logSchema)]),
        toRow(FOOTPRINT_ROWS.item, [sizeOf(item(1_234_567, now), playlistItemSchema)]),
        toRow(FOOTPRINT_ROWS.job, [{ bytes: await bytesOfJob(queues) }]),
        toRow(FOOTPRINT_ROWS.object, [{ ms: await measureBucketListing(directory) }]),
      ],
    };
  } finally {
    await removeRecords(database, queues);
    await Promise.all([database.close(), queues.close()]);
  }
}

/** With the entry in the list of waiting jobs. Of many, since Redis takes memory in steps. */
async function bytesOfJob(queues: JobQueues): Promise<number> {
  const used = async () => Number(/^used_memory:(\d+)/m.exec(await queues.redis.info('memory'))?.[1] ?? 0);
  const before = await used();
  for (let start = 0; start < JOBS; start += BATCH) {
    await queues.addMany(
      'download',
      Array.from({ length: BATCH }, (_value, index) => ({
        payload: {
          provider: 'youtube' as const,
          videoId: `w${String(start + index).padStart(10, '0')}`,
          round: 0,
        },
      })),
    );
  }
  return ((await used()) - before) / JOBS;
}

/** The keys are computed before the compression of common beginnings, so an index of a real server is smaller. */
function sizeOf(record: Readonly<Record<string, unknown>>, schema: Schema): Figures {
  const isIn = ({ partialFilterExpression = {} }: IndexOptions) =>
    Object.keys(partialFilterExpression).every((field) => valueAt(record, field) !== undefined);
  const indexes = schema
    .indexes()
    .flatMap(([fields, options]) => (isIn(options) ? [Object.keys(fields)] : []));
  const bytes = mongoose.mongo.BSON.calculateObjectSize(record);
  const indexBytes = [['_id'], ...indexes]
    .map((fields) => fields.reduce((sum, field) => sum + keyBytes(valueAt(record, field)), RECORD_ID_BYTES))
    .reduce((sum, each) => sum + each, 0);
  return { bytes, indexBytes };
}

function valueAt(record: unknown, field: string): unknown {
  return field
    .split('.')
    .reduce(
      (value, name) => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined),
      record,
    );
}

function keyBytes(value: unknown): number {
  if (value === undefined || value === null) return 1;
  // Its type and its end.
  return typeof value === 'string' ? Buffer.byteLength(value) + 2 : NUMBER_BYTES;
}
