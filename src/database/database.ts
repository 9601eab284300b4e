import mongoose from 'mongoose';
import type { Config } from '../config/config.ts';
import { toError, TransientError } from '../domain/job-errors.ts';
import { AttemptLog } from './attempt-log.ts';
import { AudioTotals } from './audio-totals.ts';
import { AuditLog } from './audit-log.ts';
import { guardClosedSockets } from './closed-socket-guard.ts';
import { DocumentCounts } from './document-counts.ts';
import { DocumentRepository } from './document-repository.ts';
import { FeedAddressRepository } from './feed-address-repository.ts';
import { KeptCounts } from './kept-counts.ts';
import { MirrorReportRepository } from './mirror-report-repository.ts';
import { prepareCollections, registerModels } from './models.ts';
import { PlaylistContents } from './playlist-contents.ts';
import { PlaylistDecisions } from './playlist-decisions.ts';
import { PlaylistVideos } from './playlist-videos.ts';
import { PlaylistRepository } from './playlist-repository.ts';
import { QueuePauses } from './queue-pauses.ts';
import { ReportRepository } from './report-repository.ts';
import { RunOverview } from './run-overview.ts';
import { RunRepository } from './run-repository.ts';
import { SnapshotRepository } from './snapshot-repository.ts';
import { SourceRepository } from './source-repository.ts';
import { TokenRepository } from './token-repository.ts';
import { VideoBacklog } from './video-backlog.ts';
import { VideoCounts } from './video-counts.ts';
import { VideoDecisions } from './video-decisions.ts';
import { VideoPeaks } from './video-peaks.ts';
import { VideoOverview } from './video-overview.ts';
import { VideoRepairs } from './video-repairs.ts';
import { VideoRepository } from './video-repository.ts';
import { VideoScan } from './video-scan.ts';
import { VideoSearch } from './video-search.ts';
import { VideoThroughput } from './video-throughput.ts';

export { isDatabaseUnavailable } from './server-errors.ts';

const SERVER_SELECTION_TIMEOUT_MS = 10_000;
/** A call ends when the server sends nothing for this long, so that a silent server cannot hang a worker. */
const SOCKET_TIMEOUT_MS = 60_000;
const DEFAULT_DATABASE = 'sonotheque';

/**
 * Connects to MongoDB.
 * @param options.prepare whether collections and indexes are created that are missing; false for a reader, which needs none.
 * @param options.selectionTimeoutMs how long a server is looked for
 * @throws TransientError when the server cannot be reached.
 */
export async function openDatabase(
  config: Config['mongo'],
  applicationName: string,
  options: { readonly prepare: boolean; readonly selectionTimeoutMs?: number } = { prepare: true },
) {
  guardClosedSockets();
  const databaseName = new URL(config.url).pathname.replace(/^\//, '');
  const connection = mongoose.createConnection(config.url, {
    appName: applicationName,
    serverSelectionTimeoutMS: options.selectionTimeoutMs ?? SERVER_SELECTION_TIMEOUT_MS,
    socketTimeoutMS: SOCKET_TIMEOUT_MS,
    ...(databaseName === '' ? { dbName: DEFAULT_DATABASE } : {}),
  });
  // Without a listener a failed connection would be an unhandled 'error' event; the await below reports it.
  connection.on('error', () => undefined);
  const models = registerModels(connection);
  try {
    await connection.asPromise();
    if (options.prepare) await prepareCollections(models);
  } catch (error) {
    await connection.close().catch(() => undefined);
    throw new TransientError('network', `MongoDB cannot be used: ${toError(error).message}`, {
      cause: error,
    });
  }
  const keptCounts = new KeptCounts(models.keptCounts);
  return {
    connection,
    videos: new VideoRepository(models.videos),
    overview: new VideoOverview(models.videos),
    scan: new VideoScan(models.videos),
    throughput: new VideoThroughput(models.videos),
    search: new VideoSearch(models.videos, new PlaylistVideos(models.videos, models.playlistItems)),
    repairs: new VideoRepairs(models.videos),
    backlog: new VideoBacklog(models.videos),
    peaks: new VideoPeaks(models.videos),
    decisions: new VideoDecisions(models.videos),
    attempts: new AttemptLog(models.logs),
    playlists: new PlaylistRepository(models.playlists, models.playlistItems),
    playlistContents: new PlaylistContents(models.playlists, models.playlistItems, models.videos),
    playlistDecisions: new PlaylistDecisions(models.playlists, models.playlistItems),
    sources: new SourceRepository(models.sources),
    runs: new RunRepository(models.runs),
    documents: new DocumentRepository(models.documents),
    runOverview: new RunOverview(models.runs),
    reports: new ReportRepository(models.reports),
    snapshots: new SnapshotRepository(models.snapshots),
    audit: new AuditLog(models.audit),
    queuePauses: new QueuePauses(models.queuePauses),
    videoCounts: new VideoCounts(keptCounts, models.videos),
    documentCounts: new DocumentCounts(keptCounts, models.documents),
    audioTotals: new AudioTotals(models.audioTotals, models.videos),
    feedAddresses: new FeedAddressRepository(models.feedAddresses),
    tokens: new TokenRepository(models.tokens),
    mirrorReports: new MirrorReportRepository(models.mirrorReports),
    /** @throws TransientError when the server does not answer. */
    ping: async (): Promise<void> => {
      try {
        await connection.db?.command({ ping: 1 }, { timeoutMS: 5_000 });
      } catch (error) {
        throw new TransientError('network', 'MongoDB does not answer.', { cause: error });
      }
    },
    close: () => connection.close(),
  };
}

/** One connection to MongoDB with the repositories of all collections. */
export type Database = Awaited<ReturnType<typeof openDatabase>>;
