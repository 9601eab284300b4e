import type { VideoDocument } from '../../src/database/collections/video.ts';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Database } from '../../src/database/database.ts';
import { retryJobId, stageJobId } from '../../src/queues/job-ids.ts';
import type { JobQueues } from '../../src/queues/job-queues.ts';
import { audioObjectName } from '../../src/storage/object-names.ts';
import { expectedOutcomeOf, itemIds } from './items.ts';
import { ExpectedContent } from './expected-content.ts';
import type { ReadBack } from './objects.ts';
import type { AudioSource } from './worker-options.ts';

/** What a run left behind. */
export interface ChaosRemains {
  readonly database: Database;
  readonly queues: JobQueues;
  readonly objects: ReadonlyMap<string, ReadBack | Error>;
  readonly blobs: ReadonlyMap<string, ReadBack | Error>;
  readonly stagingDirectory: string;
  /** Names of what is left below `staging/` in the bucket. */
  readonly stagedObjects: readonly string[];
  readonly audioSource: AudioSource;
  readonly items: number;
}

/** Each entry of a list is a sentence about one problem. */
export interface Findings {
  readonly stored: number;
  readonly mirrored: number;
  readonly failed: number;
  readonly waiting: number;
  readonly lost: readonly string[];
  readonly corrupt: readonly string[];
  readonly duplicates: readonly string[];
  readonly strays: readonly string[];
}

/** Checks that every item is in exactly one state, that each object is complete, and that nothing else exists. */
export async function checkOutcome(remains: ChaosRemains): Promise<Findings> {
  const { objects, blobs } = remains;
  const findings = { stored: 0, mirrored: 0, failed: 0, waiting: 0 };
  const lost: string[] = [];
  const corrupt: string[] = [];
  const expected = new ExpectedContent(remains.audioSource, objects);
  const videos = new Map<string, VideoDocument>();
  for await (const video of remains.database.connection.collection<VideoDocument>('videos').find({})) {
    videos.set(video.video_id, video);
  }
  const known = new Set<string>();
  for (const videoId of itemIds(remains.items)) {
    const video = videos.get(videoId);
    switch (video?.status) {
      case undefined:
        lost.push(`${videoId} has no record.`);
        break;
      case 'mirrored': {
        const name = audioObjectName({ provider: 'youtube', videoId }, 'mp3');
        known.add(name);
        if (expectedOutcomeOf(videoId) === 'private') corrupt.push(`${videoId} is private and was stored.`);
        if (check(objects.get(name), `the object of ${videoId}`)) findings.stored += 1;
        if (check(blobs.get(name), `the blob of ${videoId}`)) findings.mirrored += 1;
        break;
      }
      case 'failed':
        if (video.error?.class === undefined) lost.push(`${videoId} failed without a reason.`);
        else findings.failed += 1;
        break;
      case 'discovered':
      case 'downloaded':
      case 'stored':
      case 'retrying':
        if (isInBacklog(video) || (await hasJob(video, remains.queues))) findings.waiting += 1;
        else lost.push(`${videoId} is ${video.status} and has no job.`);
        break;
      case 'skipped':
        lost.push(`${videoId} was skipped (${String(video.skip_reason)}).`);
    }

    function check(found: ReadBack | Error | undefined, what: string): boolean {
      const problem =
        found === undefined
          ? undefined
          : found instanceof Error
            ? `cannot be read: ${found.message}`
            : expected.problemOf(videoId, found, video?.audio);
      if (found === undefined) lost.push(`${what} is missing.`);
      else if (problem !== undefined) corrupt.push(`${what} ${problem}.`);
      return found !== undefined && problem === undefined;
    }
  }
  return {
    ...findings,
    lost,
    corrupt,
    duplicates: [...unwanted(objects, known, 'object'), ...unwanted(blobs, known, 'blob')],
    strays: [
      ...(await filesBelow(remains.stagingDirectory)),
      ...remains.stagedObjects.map((name) => `${name} is left in the bucket.`),
    ],
  };
}

/** Objects with names that no finished item has, and objects with the content of another. */
function unwanted(
  found: ReadonlyMap<string, ReadBack | Error>,
  known: ReadonlySet<string>,
  what: string,
): string[] {
  const firstWith = new Map<string, string>();
  return [...found].flatMap(([name, content]) => {
    if (!known.has(name)) return [`The ${what} ${name} belongs to no finished item.`];
    if (content instanceof Error) return [];
    const other = firstWith.get(content.sha256);
    firstWith.set(content.sha256, name);
    return other === undefined ? [] : [`The ${what}s ${other} and ${name} have the same content.`];
  });
}

/** It gets its job when there is room for it. */
function isInBacklog({ status, backlog_order: order }: VideoDocument): boolean {
  return status === 'discovered' && typeof order === 'number';
}

async function hasJob(video: VideoDocument, queues: JobQueues): Promise<boolean> {
  const key = { provider: video.provider, videoId: video.video_id };
  const stage = stageOf(video);
  const [inStage] = await queues.jobs.presence(stage, [stageJobId(stage, key, video.round)]);
  const [inRetry] = await queues.jobs.presence('retry', [retryJobId(stage, key, video.round)]);
  return video.status === 'retrying' ? inRetry === 'live' : inStage === 'live';
}

function stageOf(video: VideoDocument): 'download' | 'upload' | 'sync' {
  if (video.status === 'retrying') return video.error?.stage ?? 'download';
  return video.status === 'stored' ? 'sync' : video.status === 'downloaded' ? 'upload' : 'download';
}

/** Holds the id of the staging directory; it stays. */
const STAGING_ID_FILE = '.staging-id';

async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name !== STAGING_ID_FILE)
    .map(
      (entry) => `${path.relative(directory, path.join(entry.parentPath, entry.name))} is left in staging.`,
    )
    .sort();
}
