import { registrationOf } from '../../src/collectors/configured-source.ts';
import type { Database } from '../../src/database/database.ts';
import { PermanentError } from '../../src/domain/job-errors.ts';
import { changeMatchingVideos } from '../../src/operations/change-matching-videos.ts';
import { addToken } from '../../src/operations/manage-tokens.ts';
import type { TestEnvironment } from '../support/test-environment.ts';

/** A title that would run if it were not escaped, and that is too long for a phone. */
export const HOSTILE_TITLE = `<img src=x onerror="window.hacked = true"> ${'withoutaspace'.repeat(9)}`;
const VIDEOS = 12;
const OPERATION_ID = '6f1c2f0a-5d6e-4c55-9f0b-0d6b7a1c2e3f';

/** An archive with something of everything that pages show. @returns the addresses of its own pages */
export async function fillArchive({ database, queues }: TestEnvironment): Promise<readonly string[]> {
  const keys = Array.from(
    { length: VIDEOS },
    (_, index) => ({ provider: 'youtube', videoId: `browser${String(1_000 + index)}` }) as const,
  );
  await database.videos.discover(
    keys.map((key, index) => ({
      key,
      url: `https://example.org/${'x'.repeat(80)}/${String(index)}`,
      title: index % 3 === 0 ? HOSTILE_TITLE : `Fongbè, leçon ${String(index)}`,
    })),
  );
  const failure = new PermanentError('private', `It is private. ${'m'.repeat(200)}`);
  const [failed = keys[0]] = keys.slice(-1);
  if (failed === undefined) throw new Error('There is no video.');
  await database.videos.markFailed(failed, 0, { stage: 'download', resumeAt: 'download' }, failure);
  await queues.add('download', { ...failed, round: 0 });
  const playlist = { id: 'PLbrowser0000001', url: 'https://www.youtube.com/playlist?list=PLbrowser0000001' };
  await database.playlists.register(playlist, new Date());
  await fillCollection(database);
  const actor = { user: HOSTILE_TITLE, via: 'page' } as const;
  await addToken({ name: `browser-${'x'.repeat(56)}`, role: 'viewer' }, actor, { database });
  await changeMatchingVideos(
    { action: 'skip', query: { text: 'leçon 4' }, confirmed: 1 },
    { ...actor, operationId: OPERATION_ID },
    { database, queues, signal: new AbortController().signal },
  );
  return [
    '/',
    '/videos',
    `/videos/youtube.${failed.videoId}`,
    `/videos/youtube.${failed.videoId}/delete`,
    '/videos?text=nothing-has-this',
    '/playlists',
    `/playlists/${playlist.id}`,
    `/playlists/${playlist.id}/forget`,
    `/videos/operations/${OPERATION_ID}`,
    '/feeds',
    '/tokens',
    '/api/v1/docs',
    '/health',
    '/reports',
    '/no-such-page',
  ];
}

/** A source that has never brought anything, its run, and a report. */
async function fillCollection({ sources, runs, reports }: Database): Promise<void> {
  const at = new Date();
  const id = 'browser-source';
  const source = {
    ...{ id, kind: 'rss', label: HOSTILE_TITLE, enabled: true, requiredFields: [], settings: {} },
    schedule: { pattern: '0 * * * *', timeZone: 'UTC' },
    freshness: { warnAfterMs: 3_600_000, errorAfterMs: 86_400_000 },
  };
  await sources.sync([registrationOf(source)], at);
  await runs.begin(
    {
      ...{ sourceId: id, kind: 'rss', trigger: 'schedule', scheduledFor: at, round: 0, worker: 'w-1' },
    },
    {
      sequence: await sources.nextSequence(id),
      ...{ state: null, stateVersion: 0, totals: { source: 0, all: 0 } },
    },
    at,
  );
  const counts = { documents: 25_047, inserted: 10, problems: 1 };
  const name = 'sonotheque_report_v20260131_070000';
  await reports.save({ _id: name, made_at: at, from: at, to: at, ...counts, html: '<!doctype html>' });
}
