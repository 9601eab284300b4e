import type { Connection, Model, mongo } from 'mongoose';
import { audioTotalSchema } from './collections/audio-total.ts';
import { auditSchema } from './collections/audit.ts';
import { collectedDocumentSchema } from './collections/document.ts';
import { feedAddressSchema } from './collections/feed-address.ts';
import { keptCountSchema } from './collections/kept-count.ts';
import { logSchema } from './collections/log.ts';
import { mirrorReportSchema } from './collections/mirror-report.ts';
import { playlistSchema, playlistItemSchema } from './collections/playlist.ts';
import { queuePauseSchema } from './collections/queue-pause.ts';
import { reportSchema } from './collections/report.ts';
import { runSchema } from './collections/run.ts';
import { snapshotSchema } from './collections/snapshot.ts';
import { sourceSchema } from './collections/source.ts';
import { tokenSchema } from './collections/token.ts';
import { videoSchema } from './collections/video.ts';
import { unlessNamespaceExists } from './server-errors.ts';

/** Registers the models on a connection; `prepareCollections` creates their collections and indexes. */
export function registerModels(connection: Connection) {
  return {
    videos: connection.model('Video', videoSchema, 'videos'),
    logs: connection.model('Log', logSchema, 'logs'),
    playlists: connection.model('Playlist', playlistSchema, 'playlists'),
    playlistItems: connection.model('PlaylistItem', playlistItemSchema, 'playlist_items'),
    sources: connection.model('Source', sourceSchema, 'sources'),
    runs: connection.model('Run', runSchema, 'runs'),
    documents: connection.model('Document', collectedDocumentSchema, 'documents'),
    snapshots: connection.model('Snapshot', snapshotSchema, 'snapshots'),
    reports: connection.model('Report', reportSchema, 'reports'),
    audit: connection.model('Audit', auditSchema, 'audit'),
    queuePauses: connection.model('QueuePause', queuePauseSchema, 'queue_pauses'),
    keptCounts: connection.model('KeptCount', keptCountSchema, 'kept_counts'),
    audioTotals: connection.model('AudioTotal', audioTotalSchema, 'audio_totals'),
    feedAddresses: connection.model('FeedAddress', feedAddressSchema, 'feed_addresses'),
    tokens: connection.model('Token', tokenSchema, 'tokens'),
    mirrorReports: connection.model('MirrorReport', mirrorReportSchema, 'mirror_reports'),
  };
}

/** The mongoose models of one connection. */
export type Models = ReturnType<typeof registerModels>;

/**
 * Creates every collection and index that is missing, all at the same time, with one command for all indexes of a collection;
 * safe to repeat and to run in several processes at once.
 */
export async function prepareCollections(models: Models): Promise<void> {
  const all = Object.values(models) as Model<unknown>[];
  const { db } = models.videos.db;
  if (db === undefined) throw new Error('The connection is not open.');
  const collections = await db.listCollections({}, { nameOnly: true }).toArray();
  const present = new Set(collections.map(({ name }) => name));
  await Promise.all(
    all.map(async (model) => {
      const name = model.collection.collectionName;
      if (!present.has(name)) await unlessNamespaceExists(model.createCollection());
      // Both describe an index in the same form, under different types.
      const indexes = model.schema.indexes().map(([key, options]) => ({ key, ...options }));
      if (indexes.length > 0) await db.collection(name).createIndexes(indexes as mongo.IndexDescription[]);
    }),
  );
}
