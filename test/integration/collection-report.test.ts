import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { registrationOf, type ConfiguredSource } from '../../src/collectors/configured-source.ts';
import type { Dashboard } from '../../src/dashboard/start-dashboard.ts';
import { gatherReport, lastHours } from '../../src/reports/collection/report.ts';
import { readHealth } from '../../src/reports/collection/read-health.ts';
import { TransientError } from '../../src/domain/job-errors.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';
import { createAlertTask } from '../../src/workers/processors/alert-task.ts';
import { createDigestTask } from '../../src/workers/processors/digest-task.ts';
import { startTestDashboard } from '../support/dashboard.ts';
import { alertDependencies } from '../support/alert-dependencies.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { startWebhookServer, type WebhookServer } from '../support/webhook-server.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Every test runs at this time. */
const NOW = new Date(Math.floor(Date.now() / DAY) * DAY + 12 * HOUR);
const context = { signal: new AbortController().signal, logger: createSilentLogger() };

let environment: TestEnvironment;
let webhook: WebhookServer;

beforeEach(async () => {
  webhook = await startWebhookServer();
  environment = await openTestEnvironment({ ALERT_WEBHOOK_URL: `${webhook.url}/hook` });
});

afterEach(async () => {
  await environment.close();
  await webhook.close();
});

function source(id: string, changes: Partial<ConfiguredSource> = {}): ConfiguredSource {
  return {
    id,
    kind: 'rss',
    label: `Source ${id}`,
    enabled: true,
    schedule: { pattern: '0 * * * *', timeZone: 'Europe/Paris' },
    freshness: { warnAfterMs: 3 * HOUR, errorAfterMs: DAY },
    requiredFields: [],
    requests: {},
    settings: {},
    ...changes,
  };
}

/** A finished run with its documents, as written by the engine. */
async function collected(
  id: string,
  hoursAgo: number,
  titles: readonly string[],
  end: { readonly status?: 'success' | 'partial' | 'failed'; readonly error?: TransientError } = {},
): Promise<void> {
  const { sources, runs, documents } = environment.database;
  const at = new Date(NOW.getTime() - hoursAgo * HOUR);
  const request = {
    ...{ sourceId: id, kind: 'rss', trigger: 'schedule' as const },
    ...{ scheduledFor: at, round: 0, worker: 'w-1' },
  };
  const sequence = await sources.nextSequence(id);
  const totals = { source: 0, all: 0 };
  const owned = await runs.begin(request, { sequence, state: null, stateVersion: 0, totals }, at);
  if (owned === undefined) throw new Error('The run is there already.');
  const outcomes = await documents.upsertBatch(
    titles.map((title) => ({
      _id: title.padEnd(64, '0'),
      ...{ source_id: id, kind: 'rss', run_id: owned.run._id, title, first_seen_at: at },
    })),
    { runId: owned.run._id, step: 1, lostSteps: [] },
  );
  const count = (outcome: string) => outcomes.filter((each) => each === outcome).length;
  const rejected = end.status === 'partial' ? 1 : 0;
  const counts = {
    ...{ seen: titles.length + rejected, new: count('new'), updated: 0 },
    ...{ duplicate: count('duplicate'), rejected, media: 0 },
  };
  const tally = {
    counts,
    parts: rejected === 0 ? [] : [{ name: 'feed 2', status: 'failed' as const, note: 'It is gone.' }],
    reject_reasons: rejected === 0 ? {} : { no_title: 1 },
    rejects: rejected === 0 ? [] : [{ reason: 'no_title' }],
  };
  const status = end.status ?? 'success';
  await runs.finish(owned.run._id, owned.owner, {
    ...{ ...tally, status, bytes: 1_000, totalsAfter: totals, at },
    ...(end.error === undefined ? {} : { failure: { error: end.error, resumeFrom: tally } }),
  });
  const hasNewItems = counts.new > 0;
  await sources.recordRunEnd(id, { sequence, status, isFresh: status !== 'failed', hasNewItems, at });
}

async function register(...sources: ConfiguredSource[]): Promise<void> {
  await environment.database.sources.sync(sources.map(registrationOf), NOW);
}

describe('health', () => {
  test('lists every configured source, also one that never ran and one without its key', async () => {
    const configured = [
      source('fresh'),
      source('old'),
      source('idle'),
      source('keyless', { missingKey: 'OWM_API_KEY' }),
    ];
    await register(...configured.slice(0, 2));
    await collected('fresh', 1, ['a', 'b']);
    await collected('old', 30, ['c']);

    const health = await readHealth({ database: environment.database, configured }, NOW);
    expect(health.sources.map(({ id, state, documents }) => [id, state, documents])).toEqual([
      ['old', 'stale', 1],
      ['idle', 'never', 0],
      ['fresh', 'ok', 2],
      ['keyless', 'disabled', 0],
    ]);
    expect(health.healthy).toBe(false);
    expect(health.summary).toMatchObject({ ok: 1, stale: 1, never: 1, disabled: 1 });
    expect(health.documents).toBe(3);
  });

  test('a part that fails is told at once, and is a failure once it was not read for longer than the limit', async () => {
    await register(source('one'));
    const evaluated = async () => {
      const health = await readHealth({ database: environment.database, configured: undefined }, NOW);
      return health.sources.map(({ state, cause }) => [state, cause?.kind]);
    };
    await collected('one', 30, ['a'], { status: 'partial' });
    await collected('one', 20, ['b']);
    await collected('one', 1, ['c'], { status: 'partial' });
    expect(await evaluated()).toEqual([['warning', 'parts_unread']]);
    await environment.database.connection.dropDatabase();
    await register(source('one'));
    for (const hoursAgo of [30, 20, 1]) {
      await collected('one', hoursAgo, [`d ${String(hoursAgo)}`], { status: 'partial' });
    }
    expect(await evaluated()).toEqual([['failing', 'parts_unread_for_long']]);
  });

  test('a run that is under way does not hide how the last one ended', async () => {
    await register(source('one'));
    await collected('one', 2, [], { status: 'failed', error: new TransientError('network', 'No answer.') });
    const { runs, sources } = environment.database;
    const request = {
      ...{ sourceId: 'one', kind: 'rss', trigger: 'schedule' as const },
      ...{ scheduledFor: NOW, round: 0, worker: 'w-1' },
    };
    const sequence = await sources.nextSequence('one');
    const totals = { source: 0, all: 0 };
    await runs.begin(request, { sequence, state: null, stateVersion: 0, totals }, NOW);
    const health = await readHealth({ database: environment.database, configured: undefined }, NOW);
    expect(health.sources).toMatchObject([
      { lastRunStatus: 'failed', reason: expect.stringContaining('No answer.') },
    ]);
  });

  test('without a sources file lists the sources that workers registered last', async () => {
    await register(source('gone'), source('kept'));
    await register(source('kept'));
    const health = await readHealth({ database: environment.database, configured: undefined }, NOW);
    expect(health.sources.map(({ id }) => id)).toEqual(['kept']);
  });
});

describe('a report', () => {
  test('counts growth by inserts: without duplicates and documents of earlier days', async () => {
    await register(source('one'), source('two'));
    await collected('one', 40, ['old-1', 'old-2', 'old-3']);
    await collected('one', 5, ['old-1', 'new-1']);
    await collected('two', 4, ['new-1', 'new-2'], { status: 'partial' });
    await collected('two', 3, [], { status: 'failed', error: new TransientError('network', 'No answer.') });

    const sources = { database: environment.database, configured: undefined, hasMirror: true };
    const report = await gatherReport(sources, lastHours(24, NOW), NOW);
    expect(report.totals).toEqual({
      ...{ documents: 5, inserted: 2, new: 2, updated: 0 },
      ...{ duplicate: 2, rejected: 1, media: 0 },
    });
    expect(
      report.sources.map(({ id, documents, counts, runs }) => [id, documents, counts.new, runs.failed]),
    ).toEqual([
      ['one', 4, 1, 0],
      ['two', 1, 1, 1],
    ]);
    expect(report.growth).toHaveLength(30);
    expect(report.growth.reduce((sum, { inserted }) => sum + inserted, 0)).toBe(5);
    expect(report.rejects).toEqual([{ sourceId: 'two', label: 'Source two', reason: 'no_title', count: 1 }]);
    expect(report.problems.map(({ part, message }) => [part, message?.split('.')[0]])).toEqual([
      [null, 'No answer'],
      ['feed 2', 'It is gone'],
    ]);
  });
});

describe('the digest', () => {
  test('stores the report, sends it to the webhook and writes the version log', async () => {
    await register(source('one'));
    await collected('one', 5, ['a', 'b']);
    const result = await createDigestTask(environment)({ ...context, scheduledFor: NOW });

    const [message] = webhook.received;
    expect(JSON.parse(message?.body ?? '')).toMatchObject({
      event: 'digest',
      title: 'Collection: +2 documents',
    });
    const [kept] = await environment.database.reports.latest(10);
    expect(kept).toMatchObject({ _id: result['report'], inserted: 2 });
    const log = await readFile(environment.config.versionLogFile, 'utf8');
    expect(log).toMatch(/UTC\*\* \| `COLLECTE_JOURNALIERE_FIN` \| \+2 nouveaux documents en 24h\n$/);
  });

  test('is sent once, also when the task is repeated and the version log cannot be written', async () => {
    const { config, directory } = environment;
    // A directory, so that no file can be written there.
    const unwritable = { ...environment, config: { ...config, versionLogFile: directory } };
    await createDigestTask(unwritable)({ ...context, scheduledFor: NOW });
    await createDigestTask(unwritable)({ ...context, scheduledFor: NOW });
    expect(webhook.received).toHaveLength(1);
  });

  test('is one report when made twice for the same day', async () => {
    await createDigestTask(environment)({ ...context, scheduledFor: NOW });
    await createDigestTask(environment)({ ...context, scheduledFor: NOW });
    expect(await environment.database.reports.latest(10)).toHaveLength(1);
  });
});

describe('alerts', () => {
  const sentAlerts = () =>
    webhook.received.splice(0).map(({ body }) => {
      const { event, key } = JSON.parse(body) as { event: string; key: string };
      return `${event} ${key}`;
    });

  test('report a source that becomes stale, and its recovery, but no new source', async () => {
    await register(
      source('one', { freshness: { warnAfterMs: HOUR, errorAfterMs: 2 * HOUR } }),
      source('new'),
    );
    const hoursSinceNow = (Date.now() - NOW.getTime()) / HOUR;
    await collected('one', 3 - hoursSinceNow, ['a']);
    const task = createAlertTask(alertDependencies(environment));
    await task(context);
    expect(sentAlerts()).toEqual(['firing source.one']);
    await task(context);
    expect(sentAlerts()).toEqual([]);
    await collected('one', 0.1 - hoursSinceNow, []);
    await task(context);
    expect(sentAlerts()).toEqual(['resolved source.one']);
  });
});

describe('snapshots', () => {
  const stored = (hoursAgo: number) => ({
    _id: 'sonotheque_mongo_v20260301_023000.archive.gz',
    started_at: new Date(Date.now() - hoursAgo * HOUR),
  });

  test('are reported when the last one is older than 26 hours, but not when none exists', async () => {
    const task = createAlertTask(alertDependencies(environment));
    await task(context);
    expect(webhook.received).toEqual([]);
    const { models } = environment.database.connection;
    await models['Snapshot']?.create({
      ...{ ...stored(27), status: 'stored', format: 'archive', bucket: 'b', key: 'k', size: 1 },
      ...{
        sha256: 'x',
        consistency: 'per-collection',
        collections: [],
        verified_at: new Date(),
        verification: 'full',
      },
    });
    await task(context);
    expect(JSON.parse(webhook.received[0]?.body ?? '{}')).toMatchObject({ event: 'firing', key: 'snapshot' });
  });
});

describe('the dashboard', () => {
  let dashboard: Dashboard;
  beforeEach(async () => {
    dashboard = await startTestDashboard(environment);
  });
  afterEach(() => dashboard.close());

  const get = (path: string) => fetch(new URL(path, dashboard.url));

  test('shows health as a page, as JSON and in the metrics', async () => {
    await register(source('one', { label: '<b>News</b>' }), source('two', { missingKey: 'OWM_API_KEY' }));
    const page = await (await get('/health')).text();
    expect(page).toContain('&lt;b&gt;News&lt;/b&gt;');
    expect(page).toContain('missing OWM_API_KEY');
    const answer = await get('/api/health');
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ healthy: false, summary: { never: 1, disabled: 1 } });
    const metrics = await (await get('/metrics')).text();
    expect(metrics).toContain('sonotheque_source_healthy{source="one"} 0');
    expect(metrics).toContain('sonotheque_source_state{source="two",state="disabled"} 1');
    expect(metrics).not.toContain('sonotheque_source_healthy{source="two"}');
  });

  test('shows health in the language of UI_LANGUAGE, and says which it is', async () => {
    await register(source('one', { missingKey: 'OWM_API_KEY' }));
    const french = await startTestDashboard({
      ...environment,
      config: { ...environment.config, language: 'fr' },
    });
    try {
      const page = await (await fetch(new URL('/health', french.url))).text();
      expect(page).toContain('<html lang="fr"');
      expect(page).toMatch(/désactivée/);
      expect(page).toContain('il manque OWM_API_KEY');
    } finally {
      await french.close();
    }
  });

  test('lists and shows the stored reports only', async () => {
    const { report } = await createDigestTask(environment)({ ...context, scheduledFor: NOW });
    expect(await (await get('/reports')).text()).toContain(`href="/reports/${String(report)}"`);
    expect(await (await get(`/reports/${String(report)}`)).text()).toContain('<h1>Collection report</h1>');
    expect((await get('/reports/another')).status).toBe(404);
  });
});
