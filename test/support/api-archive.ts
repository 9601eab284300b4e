import { writeFile } from 'node:fs/promises';
import { PermanentError } from '../../src/domain/job-errors.ts';
import { parseVideoDocumentId, videoDocumentId, type VideoKey } from '../../src/domain/video-key.ts';
import { egressLedgerOf } from '../../src/egress/egress-ledger.ts';
import { addToken } from '../../src/operations/manage-tokens.ts';
import { skipVideos } from '../../src/operations/skip-videos.ts';
import { storePeaks } from '../../src/storage/peaks-object.ts';
import { keyOf, openReconcileEnvironment, type ReconcileEnvironment } from './reconcile-environment.ts';

/** Text that would be markup, a formula, a header or another line wherever it is not plain data. */
export const HOSTILE = '=<script>alert("x")</script>\r\nSet-Cookie: a=b\u202e{"__proto__":1}\u0000 é';
/** The secrets of addresses, which nothing shows. */
export const SECRET = 'secret-word';

const never = new AbortController().signal;
const MOMENT = new Date('2026-01-31T06:00:00Z');
const PEAKS = {
  version: 2,
  channels: 1,
  sample_rate: 8000,
  samples_per_pixel: 8,
  bits: 8,
  length: 1,
  data: [-1, 1],
};

/** What the examples of the declarations name. */
export const EXAMPLES = {
  video: 'youtube.dQw4w9WgXcQ',
  playlist: 'playlist.PLabcdefghijklmnop',
  source: 'news',
  egress: 'direct',
  report: 'sonotheque_report_v20260131_060000',
  operation: '6f1c2f0a-5d6e-4c55-9f0b-0d6b7a1c2e3f',
  feedAddress: 'A'.repeat(43),
  token: 'backup',
} as const;

/** Opens an archive in which everything exists that the examples name, so that each operation can succeed. */
export async function openExampleArchive(): Promise<ReconcileEnvironment> {
  const environment = await openReconcileEnvironment({ EGRESS: `${EXAMPLES.egress}: budget=300` });
  await archiveExample(environment);
  await addRecords(environment);
  await limitEgress(environment);
  return environment;
}

function exampleKey(): VideoKey {
  const key = parseVideoDocumentId(EXAMPLES.video);
  if (key === undefined) throw new Error('The example is no video.');
  return key;
}

async function archiveExample(environment: ReconcileEnvironment): Promise<void> {
  const { database, store } = environment;
  const key = exampleKey();
  await environment.archive(key);
  const md5 = (await database.videos.find(key))?.audio?.md5 ?? '';
  await storePeaks(store, key, JSON.stringify(PEAKS), md5, never);
  await database.peaks.mark(key, md5, 'made');
}

async function addRecords({ database, queues, config }: ReconcileEnvironment): Promise<void> {
  const url = `https://user:${SECRET}@example.org/x?token=${SECRET}`;
  const [failed, skipped] = [keyOf(1), keyOf(2)];
  await database.videos.discover([
    { key: failed, url, title: HOSTILE, author: HOSTILE },
    { key: skipped, url, title: 'Skipped' },
  ]);
  await database.connection
    .collection('videos')
    .updateOne(
      { _id: videoDocumentId(failed) as never },
      { $set: { description: HOSTILE, licence: HOSTILE, tags: [HOSTILE], thumbnail: url } },
    );
  const failure = new PermanentError('private', `${HOSTILE} at ${url}`);
  await database.videos.markFailed(failed, 0, { stage: 'download', resumeAt: 'download' }, failure);
  await skipVideos(
    [skipped],
    { user: HOSTILE, via: 'page', operationId: EXAMPLES.operation },
    { database, queues },
  );
  await database.playlists.register({ id: EXAMPLES.playlist, url }, MOMENT);
  await database.connection.collection('playlists').updateOne(
    { _id: EXAMPLES.playlist as never },
    {
      $set: { title: HOSTILE, error: { class: 'unknown', message: HOSTILE, advice: HOSTILE, at: MOMENT } },
    },
  );
  await database.reports.save({
    ...{ _id: EXAMPLES.report, made_at: MOMENT, from: MOMENT, to: MOMENT },
    ...{ documents: 0, inserted: 0, problems: 0, html: '<!doctype html><title>Report</title>' },
  });
  await database.feedAddresses.add({
    ...{ _id: EXAMPLES.feedAddress, playlist_id: null, name: HOSTILE },
    ...{ made_by: HOSTILE, made_at: MOMENT, last_used_at: null },
  });
  await addToken({ name: EXAMPLES.token, role: 'viewer' }, { user: HOSTILE, via: 'page' }, { database });
  const entry = `{ id: ${EXAMPLES.source}, label: News, kind: rss, settings: { feeds: [{ name: feed, url: 'https://example.org/feed' }] } }`;
  await writeFile(config.collect.sourcesFile, `sources:\n  - ${entry}\n`);
  await database.sources.sync(
    [
      {
        ...{ _id: EXAMPLES.source, kind: 'rss', label: HOSTILE, enabled: true },
        schedule: { pattern: '0 6 * * *', time_zone: 'UTC' },
        freshness: { warn_after_ms: 1, error_after_ms: 2 },
      },
    ],
    MOMENT,
  );
}

/** The egress address rests. */
async function limitEgress({ queues, config }: ReconcileEnvironment): Promise<void> {
  const egress = egressLedgerOf(queues);
  const grant = await egress.acquire(config.egress.addresses, 'download', 1_000);
  if ('waitMs' in grant) throw new Error('The first start was not granted.');
  const rest = { minRestMs: 600_000, maxRestMs: 600_000 };
  await egress.report(grant, { kind: 'refused', reason: 'bot_check', restAtLeastMs: 0 }, rest);
}
