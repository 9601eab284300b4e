import type { Database } from '../../src/database/database.ts';
import { VIDEO_SORTS, type PageStart } from '../../src/database/video-order.ts';
import { TransientError } from '../../src/domain/job-errors.ts';
import { keyOf } from './reconcile-environment.ts';
import { videoRecord } from './video-records.ts';

const KEY = keyOf(1);
const ID = videoRecord(1)._id;
const LIST = 'playlist.PL1';
const NOW = new Date();
const AUDIO = { size: 1, duration: 1, format: 'mp3', bucket: 'b', key: 'audio/x.mp3', md5: 'm', sha256: 's' };
const MIRROR = { container: 'c', name: 'n', etag: 'e', size: 1, md5: 'm', at: NOW };
const PLACE = { stage: 'download', resumeAt: 'download' } as const;
const ERROR = new TransientError('network', 'No answer.');
const SEEN = { key: KEY, status: 'mirrored', round: 0 } as const;
const WAITING = { key: KEY, round: 0, priority: 1, turn: 1 };
const FILTERS = [
  {},
  { status: 'failed' },
  { errorClass: 'private' },
  { language: 'fr' },
  { channelId: 'UC1' },
] as const;
const STARTS: readonly PageStart[] = VIDEO_SORTS.flatMap((sort) =>
  (['asc', 'desc'] as const).flatMap((direction) =>
    [undefined, { value: null, id: 'x' }].map((from) => ({ order: { sort, direction }, from })),
  ),
);

type Calls<Name extends keyof Database> = Partial<
  Record<keyof Database[Name], (repository: Database[Name]) => unknown>
>;

/** Every method that asks for records of a collection that grows with the archive, by repository. One that is missing here fails a test. */
export const REPOSITORY_CALLS = {
  videos: {
    find: (videos) => videos.find(KEY),
    states: (videos) => videos.states([KEY]),
    discover: (videos) => videos.discover([{ key: KEY, url: 'https://example.org', title: 'New' }]),
    markDownloaded: (videos) => videos.markDownloaded(KEY, 0, AUDIO, {}),
    markStored: (videos) => videos.markStored(KEY, 0, AUDIO),
    markMirrored: (videos) => videos.markMirrored(KEY, 0, MIRROR),
    confirmMirrored: (videos) => videos.confirmMirrored([{ key: KEY, mirror: MIRROR }]),
    markRetrying: (videos) => videos.markRetrying(KEY, 0, PLACE, ERROR, NOW),
    markFailed: (videos) => videos.markFailed(KEY, 0, PLACE, ERROR),
    claimRetry: (videos) => videos.claimRetry(KEY, 0, 'download', { countsAsRound: true }),
  } satisfies Calls<'videos'>,
  overview: {
    countByStatus: (overview) => overview.countByStatus(),
    countFailedByClass: (overview) => overview.countFailedByClass(),
    oldestUnmirrored: (overview) => overview.oldestUnmirrored(),
    failed: (overview) => Promise.all([drain(overview.failed()), drain(overview.failed('private'))]),
    latestFailed: (overview) => overview.latestFailed(3),
    retrying: (overview) => drain(overview.retrying()),
  } satisfies Calls<'overview'>,
  scan: {
    withStatus: (scan) => drain(scan.withStatus('stored')),
    outsideBacklog: (scan) => drain(scan.outsideBacklog()),
    unfinishedDeletions: (scan) => drain(scan.unfinishedDeletions()),
    all: (scan) => drain(scan.all()),
    find: (scan) => scan.find([KEY]),
    isEmpty: (scan) => scan.isEmpty(),
  } satisfies Calls<'scan'>,
  throughput: { storedSince: (throughput) => throughput.storedSince(NOW) } satisfies Calls<'throughput'>,
  search: {
    find: (search) => Promise.all(FILTERS.map((filter) => drain(search.find(filter)))),
    page: async (search) => {
      for (const filter of [...FILTERS, { title: 'rain' }, { playlistId: LIST }, { id: ID }]) {
        for (const start of STARTS) await search.page(filter, start, 10);
      }
    },
    sorted: async (search) => {
      for (const playlistId of [{}, { playlistId: LIST }])
        await drain(search.sorted(playlistId, { sort: 'title', direction: 'asc' }, 10));
    },
    positionOf: (search) => search.positionOf(ID, 'title'),
    walk: (search) => Promise.all([drain(search.walk({})), drain(search.walk({ status: 'failed' }))]),
    countUpTo: (search) => Promise.all(FILTERS.map((filter) => search.countUpTo(filter, 10_001))),
    countByStatus: (search) => search.countByStatus({ errorClass: 'private' }),
    archived: (search) => Promise.all([drain(search.archived()), drain(search.archived(LIST))]),
    withContent: (search) => search.withContent('s', ID),
    countArchived: (search) => Promise.all([search.countArchived(), search.countArchived(LIST)]),
  } satisfies Calls<'search'>,
  repairs: {
    retry: (repairs) => repairs.retry(KEY),
    reopen: (repairs) => repairs.reopen([SEEN], NOW),
    mirrorAgain: (repairs) => repairs.mirrorAgain(SEEN),
    openRound: (repairs) => repairs.openRound(SEEN, 'download'),
    forgetObject: (repairs) => repairs.forgetObject(SEEN),
    markFound: (repairs) => repairs.markFound(SEEN, AUDIO),
    markRestored: (repairs) => repairs.markRestored(SEEN, 'e'),
    adopt: (repairs) => repairs.adopt({ key: KEY, url: 'https://example.org' }),
  } satisfies Calls<'repairs'>,
  backlog: {
    put: (backlog) => backlog.put([WAITING]),
    first: (backlog) => backlog.first(10),
    firstTurn: (backlog) => backlog.firstTurn(1),
    remove: (backlog) => backlog.remove([WAITING]),
    count: (backlog) => backlog.count(),
    placesOf: (backlog) => backlog.placesOf([KEY]),
  } satisfies Calls<'backlog'>,
  peaks: {
    missing: (peaks) => peaks.missing('', 10),
    mark: (peaks) => peaks.mark(KEY, 'm', 'made'),
    forget: (peaks) => peaks.forget(KEY, 'm'),
  } satisfies Calls<'peaks'>,
  decisions: {
    skip: (decisions) => decisions.skip(keyOf(2), 'op'),
    deletedEverywhere: (decisions) => decisions.deletedEverywhere([KEY]),
    restoreSkipped: (decisions) => decisions.restoreSkipped(keyOf(3), 'op'),
    unskip: (decisions) => decisions.unskip(keyOf(2)),
    requestDeletion: (decisions) => decisions.requestDeletion(keyOf(4), true),
    markDeleted: (decisions) => decisions.markDeleted(keyOf(4), true),
  } satisfies Calls<'decisions'>,
  attempts: {
    record: (attempts) =>
      attempts.record({
        ...{ video_id: ID, url: 'u', status: 'failed', timestamp: NOW, retry_attempts: 0, stage: 'download' },
        ...{ round: 0, attempt: 1, duration_ms: 1, worker: 'w', error_class: 'network' },
      }),
    countLostRounds: (attempts) => attempts.countLostRounds(ID, 'download', 0),
    seriesBegan: (attempts) => attempts.seriesBegan(ID, ['network']),
    failedSince: (attempts) => attempts.failedSince(NOW),
    ofVideo: (attempts) => attempts.ofVideo(ID, 10),
  } satisfies Calls<'attempts'>,
  playlists: {
    register: (playlists) => playlists.register({ id: LIST, url: 'u' }, NOW),
    registerNested: (playlists) => playlists.registerNested(LIST, [{ id: 'playlist.PL2', url: 'u' }], NOW),
    nestedStates: (playlists) => playlists.nestedStates([LIST]),
    countKnown: (playlists) => playlists.countKnown(LIST),
    all: (playlists) => playlists.all(),
    due: (playlists) => playlists.due(NOW),
    describe: (playlists) => playlists.describe(LIST, { title: 'T' }),
    recordItems: (playlists) => playlists.recordItems(LIST, [{ key: KEY, position: 1 }], NOW),
    recordExpansion: (playlists) =>
      playlists.recordExpansion(LIST, NOW, {
        foundCount: 1,
        complete: true,
        isWhole: true,
        nextExpandAt: NOW,
      }),
    recordFailure: (playlists) => playlists.recordFailure(LIST, ERROR, NOW),
    items: (playlists) => playlists.items(LIST),
  } satisfies Calls<'playlists'>,
  playlistContents: {
    page: async (contents) => {
      for (const selection of ['all', 'removed', 'unseen'] as const)
        for (const after of [undefined, { position: 0, id: 'x' }])
          await contents.page({ _id: LIST, last_expanded_at: NOW }, selection, 10, after);
    },
    walk: (contents) => drain(contents.walk(LIST)),
    recount: (contents) => contents.recount({ _id: LIST, url: 'u', enabled: true }),
    contains: (contents) => Promise.all([contents.contains(ID), contents.contains(ID, LIST)]),
    archivedVideos: (contents) => contents.archivedVideos([ID]),
    settingsFor: (contents) => contents.settingsFor(videoRecord(1)),
    priorities: (contents) => contents.priorities([ID]),
  } satisfies Calls<'playlistContents'>,
  playlistDecisions: {
    withNested: (decisions) => decisions.withNested(LIST),
    pause: (decisions) => decisions.pause([LIST]),
    resume: (decisions) => decisions.resume([LIST]),
    forget: (decisions) => decisions.forget(['playlist.PL2']),
    set: (decisions) => decisions.set(LIST, { title_include: [], title_exclude: [], priority: 5 }),
    markInFile: (decisions) => decisions.markInFile([LIST]),
    inFile: (decisions) => decisions.inFile(),
    videosOnlyIn: (decisions) => drain(decisions.videosOnlyIn(LIST, [])),
    containing: (decisions) => decisions.containing(ID),
    placesOf: (decisions) => decisions.placesOf(ID, 10),
    removeItems: (decisions) => decisions.removeItems('playlist.PL2'),
  } satisfies Calls<'playlistDecisions'>,
  documents: {
    upsertBatch: (documents) =>
      documents.upsertBatch(
        [{ _id: 'f', source_id: 's', kind: 'k', run_id: 'r', key: 'key', first_seen_at: NOW }],
        { runId: 'r', step: 2, lostSteps: [1] },
      ),
    adoptLostSteps: (documents) =>
      documents.adoptLostSteps('s', { runId: 'r', step: 2, lostSteps: [1] }, NOW),
    revisions: (documents) => documents.revisions('s', 'key'),
    totals: (documents) => documents.totals('s'),
    totalsBySource: (documents) => documents.totalsBySource(),
  } satisfies Calls<'documents'>,
  audit: {
    begin: (audit) => audit.begin({ via: 'page', user: 'u', operation: 'o', targets: [ID] } as never),
    finish: (audit) => audit.finish('x', null),
    ofTarget: (audit) => Promise.all([audit.ofTarget(ID, 10), audit.ofTarget(ID, 10, { at: NOW, id: 'x' })]),
  } satisfies Calls<'audit'>,
  videoCounts: {
    byStatus: (counts) => counts.byStatus(),
    failuresByClass: (counts) => counts.failuresByClass(),
    waitingForJob: (counts) => counts.waitingForJob(),
    renew: (counts) => counts.renew(new AbortController().signal),
  } satisfies Calls<'videoCounts'>,
  documentCounts: { bySource: (counts) => counts.bySource() } satisfies Calls<'documentCounts'>,
  audioTotals: {
    read: (totals) => totals.read(),
    renew: (totals) => totals.renew(NOW, new AbortController().signal),
    count: (totals) => totals.count(NOW, new AbortController().signal),
  } satisfies Calls<'audioTotals'>,
};

async function drain(source: AsyncIterable<unknown>): Promise<void> {
  for await (const _each of source);
}
