import type { Database } from '../../src/database/database.ts';
import type { VideoDocument } from '../../src/database/documents.ts';
import type { ObjectStore } from '../../src/storage/object-store.ts';

/** Blobs that are recorded and not there. */
export interface MissingBlobs {
  /** Azurite had confirmed them right before it was killed. */
  readonly forgotten: number;
  /** Nothing explains the others. */
  readonly unexplained: readonly string[];
}

/**
 * Azurite writes its index every five seconds, and later while it is busy; a kill makes it forget what it confirmed
 * since (LokiBlobMetadataStore, autosaveInterval). Azure itself does not.
 */
const FORGETS_MS = 15_000;

/** Looks for blobs that the record has and the container lacks. */
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
      return beforeMs > -1_000 && beforeMs < FORGETS_MS;
    });
    if (isExplained) forgotten += 1;
    else
      unexplained.push(
        `The blob of ${videoId}, recorded at ${mirror.at.toISOString()}, was never there or vanished.`,
      );
  }
  return { forgotten, unexplained };
}
