import type { VideoDocument } from '../../src/database/collections/video.ts';
import type { Database } from '../../src/database/database.ts';
import type { ObjectStore } from '../../src/storage/object-store.ts';

/** Blobs that the database has as mirrored and the container lacks. */
export interface MissingBlobs {
  /** Azurite had confirmed them shortly before it was killed. */
  readonly forgotten: number;
  /** One sentence for each other one. */
  readonly unexplained: readonly string[];
}

/**
 * Azurite writes its index every five seconds, and later while it is busy; a kill makes it forget what it confirmed
 * since then (LokiBlobMetadataStore, autosaveInterval). Azure itself does not.
 */
const FORGOTTEN_MS = 15_000;

export async function findMissingBlobs(
  database: Database,
  container: ObjectStore,
  killsOfAzurite: readonly Date[],
): Promise<MissingBlobs> {
  const names = new Set<string>();
  for await (const page of container.list('', AbortSignal.timeout(120_000))) {
    for (const { name } of page) names.add(name);
  }
  let forgotten = 0;
  const unexplained: string[] = [];
  const videos = database.connection.collection<VideoDocument>('videos');
  for await (const { video_id: videoId, mirror } of videos.find({ status: 'mirrored' })) {
    if (mirror === undefined || mirror === null || names.has(mirror.name)) continue;
    const isExplained = killsOfAzurite.some((kill) => {
      const beforeMs = kill.getTime() - mirror.at.getTime();
      return beforeMs > -1_000 && beforeMs < FORGOTTEN_MS;
    });
    if (isExplained) forgotten += 1;
    else unexplained.push(`The blob of ${videoId}, recorded at ${mirror.at.toISOString()}, is missing.`);
  }
  return { forgotten, unexplained };
}
