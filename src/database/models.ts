import type { Connection, Model } from 'mongoose';
import { auditSchema } from './collections/audit.ts';
import { collectedDocumentSchema } from './collections/document.ts';
import { logSchema } from './collections/log.ts';
import { playlistSchema, playlistItemSchema } from './collections/playlist.ts';
import { reportSchema } from './collections/report.ts';
import { runSchema } from './collections/run.ts';
import { snapshotSchema } from './collections/snapshot.ts';
import { sourceSchema } from './collections/source.ts';
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
  };
}

/** The mongoose models of one connection. */
export type Models = ReturnType<typeof registerModels>;

/** Creates every collection and index that is missing; safe to repeat and to run in several processes at once. */
export async function prepareCollections(models: Models): Promise<void> {
  for (const model of Object.values(models) as Model<unknown>[]) {
    await unlessNamespaceExists(model.createCollection());
    await model.createIndexes();
  }
}
