import type { VideoAudio } from '../../src/database/collections/video.ts';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { IntakePauseRecord } from '../../src/queues/intake-pauses.ts';
import { PermanentError, TransientError } from '../../src/domain/job-errors.ts';
import type { VideoKey } from '../../src/domain/video-key.ts';
import { postToWebhook } from '../../src/alerts/webhook.ts';
import { watchServers } from '../../src/workers/watch-servers.ts';
import { createAlertTask } from '../../src/workers/processors/alert-task.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { openAzureStore, openMinioStore } from '../../src/storage/open-stores.ts';
import { FailedLogins } from '../../src/queues/failed-logins.ts';
import { eventually } from '../support/eventually.ts';
import { alertDependencies } from '../support/alert-dependencies.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { withOverrides } from '../support/with-overrides.ts';
import { startWebhookServer, type WebhookServer } from '../support/webhook-server.ts';
import { egressLedgerOf } from '../../src/egress/egress-ledger.ts';

const TOKEN = 'very-secret-token';
const AUDIO: VideoAudio = {
  ...{ size: 1, duration: 1, codec: 'mp3', bitrate: 320_000, sample_rate: 44_100, channels: 2 },
  ...{ format: 'mp3', source: 'yt-dlp', bucket: 'b', key: 'k' },
};

let environment: TestEnvironment;
let server: WebhookServer;
const logged: string[] = [];

beforeEach(async () => {
  server = await startWebhookServer();
  await open({});
});

afterEach(async () => {
  await environment.close();
  await server.close();
});

async function open(overrides: Readonly<Record<string, string>>): Promise<void> {
  environment = await openTestEnvironment({
    ALERT_WEBHOOK_URL: `${server.url}/hook/${TOKEN}`,
    ALERT_FAILED_LIMIT: '1',
    ...overrides,
  });
  logged.length = 0;
}

async function reopen(overrides: Readonly<Record<string, string>>): Promise<void> {
  await environment.close();
  await open(overrides);
}

/** Runs the task once, like a worker that has just started. */
function run(changes: Partial<Parameters<typeof createAlertTask>[0]> = {}) {
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      logged.push(String(chunk));
      done();
    },
  });
  const task = createAlertTask({ ...alertDependencies(environment), ...changes });
  return task({ signal: new AbortController().signal, logger: pino({ level: 'trace' }, stream) });
}

/** The alerts sent since the last call: event and key. */
function sentAlerts(): string[] {
  return server.received.splice(0).map(({ body }) => {
    const { event, key } = JSON.parse(body) as { event: string; key: string };
    return `${event} ${key}`;
  });
}

const PAUSE: IntakePauseRecord = {
  ...{ queue: 'upload', worker: 'w-1', host: 'host-a', kind: 'fault', class: 'storage_missing' },
  ...{ reason: 'There is no bucket.', advice: 'Make it.', since: new Date() },
};

async function discover(...videoIds: string[]): Promise<VideoKey[]> {
  const keys = videoIds.map((videoId): VideoKey => ({ provider: 'youtube', videoId }));
  await environment.database.videos.discover(keys.map((key) => ({ key, url: 'https://example.org/v' })));
  return keys;
}

describe('alerts', () => {
  test('report many failed logins at the dashboards, with the last address', async () => {
    await reopen({ ALERT_FAILED_LOGINS: '3' });
    const logins = new FailedLogins(environment.queues.redis, environment.queues.prefix);
    const at = (minutesAgo: number) => new Date(Date.now() - minutesAgo * 60_000);
    for (const minutesAgo of [20, 15, 5, 4, 1]) await logins.count('203.0.113.9', at(minutesAgo));
    expect(await run()).toEqual({ active: 0, sent: 0 });
    await logins.count('198.51.100.7', at(0));
    expect(await run()).toEqual({ active: 1, sent: 1 });
    expect(server.received[0]?.body).toMatch(
      /4 logins failed within 10 minutes, the last from 198\.51\.100\.7/,
    );
    expect(sentAlerts()).toEqual(['firing logins']);
  });

  test('report a paused stage once, also with several evaluations, and then that it is resolved', async () => {
    await environment.queues.pauses.put(PAUSE, 60_000);
    await environment.queues.pauses.put({ ...PAUSE, worker: 'w-2', host: 'host-b' }, 60_000);
    expect(await run()).toEqual({ active: 1, sent: 1 });
    expect(server.received[0]).toMatchObject({ method: 'POST', path: `/hook/${TOKEN}` });
    expect(JSON.parse(server.received[0]?.body ?? '')).toEqual({
      source: 'sonotheque',
      event: 'firing',
      key: 'paused.upload.storage_missing',
      title: 'upload is paused: storage_missing',
      message: 'There is no bucket. Make it. On host-a, host-b.',
      since: PAUSE.since.toISOString(),
      at: expect.any(String),
    });
    server.received.length = 0;
    expect(await run()).toEqual({ active: 1, sent: 0 });
    await environment.queues.pauses.remove('upload', 'w-1');
    await run();
    expect(sentAlerts()).toEqual([]);
    await environment.queues.pauses.remove('upload', 'w-2');
    await run();
    expect(sentAlerts()).toEqual(['resolved paused.upload.storage_missing']);
    await run();
    expect(sentAlerts()).toEqual([]);
  });

  test('are resolved when the pause of a lost worker has expired', async () => {
    await environment.queues.pauses.put(PAUSE, 500);
    await run();
    expect(sentAlerts()).toEqual(['firing paused.upload.storage_missing']);
    await eventually(
      'the end of the pause',
      async () => (await environment.queues.pauses.list()).length === 0,
    );
    await run();
    expect(sentAlerts()).toEqual(['resolved paused.upload.storage_missing']);
    expect(await environment.queues.redis.smembers(`${environment.config.redis.prefix}:pauses`)).toEqual([]);
  });

  test('report more failed videos than the limit', async () => {
    const keys = await discover('a-0000000001', 'a-0000000002');
    const [first, second] = keys;
    if (first === undefined || second === undefined) throw new Error('no videos');
    const fail = (key: VideoKey) =>
      environment.database.videos.markFailed(
        key,
        0,
        { stage: 'download', resumeAt: 'download' },
        new PermanentError('private', 'Private video'),
      );
    await fail(first);
    await run();
    expect(sentAlerts()).toEqual([]);
    await fail(second);
    await run();
    expect(server.received[0]?.body).toContain('2 videos failed, 2 of them with private');
    expect(sentAlerts()).toEqual(['firing failed']);
    await environment.database.repairs.retry(first);
    await run();
    expect(sentAlerts()).toEqual(['resolved failed']);
  });

  test('report a mirror that lags, counted from when the object was stored and not from the last attempt', async () => {
    await reopen({ ALERT_MIRROR_LAG_SECONDS: '3600' });
    const [key] = await discover('a-0000000003');
    if (key === undefined) throw new Error('no video');
    const { videos, connection } = environment.database;
    await videos.markDownloaded(key, 0, AUDIO, {});
    await videos.markStored(key, 0, AUDIO);
    await run();
    expect(sentAlerts()).toEqual([]);
    await connection
      .collection('videos')
      .updateOne({ status: 'stored' }, { $set: { stored_at: new Date(Date.now() - 7_200_000) } });
    await videos.markRetrying(
      key,
      0,
      { stage: 'sync', resumeAt: 'sync' },
      new TransientError('server_error', 'x'),
      new Date(),
    );
    await run();
    expect(sentAlerts()).toEqual(['firing mirror-lag']);
    await videos.markMirrored(key, 0, {
      ...{ container: 'c', name: 'k', etag: 'e', size: 1, md5: 'm', at: new Date() },
    });
    await run();
    expect(sentAlerts()).toEqual(['resolved mirror-lag']);
  });

  test('report a mirror that lags by the object that has waited longest, not by the one changed longest ago', async () => {
    await reopen({ ALERT_MIRROR_LAG_SECONDS: '3600' });
    const keys = await discover('a-0000000004', 'a-0000000005');
    const { videos, connection } = environment.database;
    for (const key of keys) {
      await videos.markDownloaded(key, 0, AUDIO, {});
      await videos.markStored(key, 0, AUDIO);
    }
    const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000);
    const records = connection.collection<{ _id: string }>('videos');
    // The first was stored long ago, and a listing has just changed its title.
    const [first, second] = keys.map((key) => `youtube.${key.videoId}`);
    await records.updateOne(
      { _id: first ?? '' },
      { $set: { stored_at: hoursAgo(5), updated_at: new Date() } },
    );
    await records.updateOne(
      { _id: second ?? '' },
      { $set: { updated_at: hoursAgo(9), stored_at: new Date() } },
    );
    await run();
    expect(sentAlerts()).toEqual(['firing mirror-lag']);
  });

  test('while MongoDB is away say so, report what Redis knows, and end nothing that is unknown', async () => {
    const keys = await discover('a-0000000006', 'a-0000000007');
    for (const key of keys) {
      await environment.database.videos.markFailed(
        key,
        0,
        { stage: 'download', resumeAt: 'download' },
        new PermanentError('private', 'Private video'),
      );
    }
    await run();
    expect(sentAlerts()).toEqual(['firing failed']);
    await environment.queues.pauses.put(PAUSE, 60_000);
    await run({ database: undefined });
    expect(sentAlerts().sort()).toEqual(['firing paused.upload.storage_missing', 'firing server.mongodb']);
    await run({ database: undefined });
    expect(sentAlerts()).toEqual([]);
    await run();
    expect(sentAlerts()).toEqual(['resolved server.mongodb']);
  });

  test.each([
    ['MinIO', { MINIO_ENDPOINT: '127.0.0.1:9' }],
    [
      'Azure',
      {
        AZURE_STORAGE_CONNECTION_STRING:
          'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:9/a',
      },
    ],
  ])('say that %s is away, until it answers again', async (name, variables) => {
    const { minio, azure, storage } = parseConfig({ ...environment.variables, ...variables });
    const limits = { ...storage, deadlineMs: 1_000 };
    const away =
      name === 'MinIO'
        ? { store: openMinioStore(minio, limits) }
        : { mirror: azure && openAzureStore(azure, limits) };
    await run(away);
    await run(away);
    expect(sentAlerts()).toEqual([`firing server.${name.toLowerCase()}`]);
    await run();
    expect(sentAlerts()).toEqual([`resolved server.${name.toLowerCase()}`]);
  });

  test.each([
    ['MongoDB', 'firing server.mongodb'],
    ['Redis', 'firing server.redis'],
  ])('a worker sends that %s is away, although it then runs no job', async (name, expected) => {
    let isAway = true;
    const away = () => (isAway ? Promise.reject(new TransientError('network', 'gone')) : Promise.resolve());
    const queues = withOverrides(environment.queues, name === 'Redis' ? { ping: away } : {});
    const database = name === 'MongoDB' ? undefined : environment.database;
    const logger = pino({ level: 'silent' });
    const stop = new AbortController();
    const watch = watchServers(
      {
        ...alertDependencies(environment),
        queues,
        logger,
        stop: stop.signal,
        database: () => (isAway ? database : environment.database),
      },
      50,
    );
    try {
      await eventually('the alert', () => server.received.length > 0);
      expect(sentAlerts()).toEqual([expected]);
      isAway = false;
      if (name === 'Redis') {
        await eventually('its end', () => server.received.length > 0);
        expect(sentAlerts()).toEqual(['resolved server.redis']);
      }
    } finally {
      await watch.close();
    }
  });

  test('report an egress address that the site limits, until it is served again', async () => {
    const egress = egressLedgerOf(environment.queues);
    const { addresses, minRestMs, maxRestMs } = environment.config.egress;
    const start = async () => {
      const grant = await eventually(
        'a start',
        () => egress.acquire(addresses, 'download', 60_000),
        (answer) => 'token' in answer,
      );
      if (!('token' in grant)) throw new Error('not granted');
      return grant;
    };
    const refused = { kind: 'refused', reason: 'bot_check', restAtLeastMs: 0 } as const;
    await egress.report(await start(), refused, { minRestMs, maxRestMs });
    await run();
    expect(server.received[0]?.body).toContain('bot_check');
    expect(sentAlerts()).toEqual([`firing circuit.${addresses[0].name}`]);
    // The rest is over: a probe decides.
    const probe = await start();
    await run();
    expect(sentAlerts()).toEqual([]);
    await egress.report(probe, { kind: 'answered' }, { minRestMs, maxRestMs });
    await run();
    expect(sentAlerts()).toEqual([`resolved circuit.${addresses[0].name}`]);
  });

  test('report staging that stays full, but not every short back-pressure', async () => {
    await reopen({ ALERT_STAGING_FULL_SECONDS: '600' });
    const held = { ...PAUSE, queue: 'download', kind: 'back_pressure', class: 'back_pressure' } as const;
    await environment.queues.pauses.put(held, 60_000);
    await run();
    expect(sentAlerts()).toEqual([]);
    await environment.queues.pauses.put({ ...held, since: new Date(Date.now() - 601_000) }, 60_000);
    await run();
    expect(sentAlerts()).toEqual(['firing full.download']);
    await environment.queues.pauses.remove('download', held.worker);
    await run();
    expect(sentAlerts()).toEqual(['resolved full.download']);
  });

  test('are not sent without a webhook', async () => {
    await reopen({ ALERT_WEBHOOK_URL: '' });
    await environment.queues.pauses.put(PAUSE, 60_000);
    expect(await run()).toEqual({ outcome: 'no webhook' });
  });
});

describe('delivery', () => {
  beforeEach(async () => {
    await environment.queues.pauses.put(PAUSE, 60_000);
  });

  test('sends what could not be delivered with the next run', async () => {
    server.answers.push(400);
    await expect(run()).rejects.toThrow('The webhook answered with status 400.');
    expect(sentAlerts()).toHaveLength(1);
    expect(await run()).toEqual({ active: 1, sent: 1 });
    expect(sentAlerts()).toEqual(['firing paused.upload.storage_missing']);
  });

  test('sends an alert once when two evaluations run at once', async () => {
    const results = await Promise.all([run(), run(), run()]);
    expect(results.filter((result) => 'sent' in result)).toHaveLength(1);
    expect(sentAlerts()).toHaveLength(1);
  });

  test('neither the URL nor its token is in a log line or an error', async () => {
    await run();
    server.answers.push(404);
    await environment.queues.pauses.remove('upload', 'w-1');
    const refused = await run().catch((error: unknown) => error);
    await server.close();
    const unreachable = await run().catch((error: unknown) => error);
    expect(unreachable).toBeInstanceOf(TransientError);
    const shown = [...logged, String(refused), String(unreachable)].join('\n');
    expect(shown).toContain('Alert delivered');
    expect(shown).toContain('ECONNREFUSED');
    expect(shown).not.toMatch(new RegExp(`${TOKEN}|${server.url.slice('http://'.length)}`));
    server = await startWebhookServer();
  });

  test.each(['slack', 'ntfy', 'apprise'] as const)('the form of %s', async (format) => {
    await reopen({ ALERT_WEBHOOK_FORMAT: format });
    await environment.queues.pauses.put({ ...PAUSE, reason: 'No <bucket> & so on.' }, 60_000);
    await run();
    await environment.queues.pauses.remove('upload', 'w-1');
    await run();
    expect(
      server.received.map(({ body, headers }) => ({ body: readBody(body), ...picked(headers) })),
    ).toEqual(EXPECTED[format]);
  });
});

describe('the webhook', () => {
  const post = (url: string, deadlineMs = 5_000) =>
    postToWebhook(
      url,
      { contentType: 'text/plain', body: 'x' },
      { signal: new AbortController().signal, deadlineMs, firstDelayMs: 10 },
    );

  test('is tried three times after a temporary failure', async () => {
    server.answers.push(503, 429);
    await post(server.url);
    expect(server.received).toHaveLength(3);
    server.answers.push(500, 500, 500);
    await expect(post(server.url)).rejects.toThrow('status 500');
    expect(server.received).toHaveLength(6);
  });

  test.each([301, 307, 400, 403, 404])(
    'is not asked again after %i, and no redirect is followed',
    async (status) => {
      server.answers.push(status);
      await expect(post(server.url)).rejects.toThrow(`status ${String(status)}`);
      expect(server.received).toHaveLength(1);
    },
  );

  test('that never answers fails at its deadline', async () => {
    server.answers.push('hang', 'hang', 'hang');
    await expect(post(server.url, 100)).rejects.toThrow('not done within 0.1 s');
    expect(server.received).toHaveLength(3);
  });

  test('gets the login of its URL as a header', async () => {
    await post(server.url.replace('http://', 'http://user:p%40ss@'));
    expect(server.received[0]?.headers.authorization).toBe(
      `Basic ${Buffer.from('user:p@ss').toString('base64')}`,
    );
  });

  test('an abort ends the delay between two attempts', async () => {
    const controller = new AbortController();
    server.answers.push(503);
    const posted = postToWebhook(
      server.url,
      { contentType: 'text/plain', body: 'x' },
      { signal: controller.signal, firstDelayMs: 20_000 },
    );
    setTimeout(() => {
      controller.abort();
    }, 100);
    await expect(posted).rejects.toThrow('shutting down');
  });
});

function readBody(body: string): unknown {
  return body.startsWith('{') ? JSON.parse(body) : body;
}

function picked(headers: Readonly<Record<string, unknown>>) {
  const names = ['title', 'tags', 'priority'].filter((name) => headers[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, headers[name]]));
}

const TITLE = 'upload is paused: storage_missing';
const TEXT = 'No <bucket> & so on. Make it. On host-a.';
const OVER = `No longer the case: ${TEXT}`;
const EXPECTED = {
  slack: [
    { body: { text: `:warning: *${TITLE}*\nNo &lt;bucket&gt; &amp; so on. Make it. On host-a.` } },
    {
      body: {
        text: `:white_check_mark: *Resolved: ${TITLE}*\nNo longer the case: No &lt;bucket&gt; &amp; so on. Make it. On host-a.`,
      },
    },
  ],
  ntfy: [
    { body: TEXT, title: `Sonotheque: ${TITLE}`, tags: 'warning', priority: 'high' },
    { body: OVER, title: `Sonotheque: Resolved: ${TITLE}`, tags: 'white_check_mark', priority: 'default' },
  ],
  apprise: [
    { body: { title: TITLE, body: TEXT, type: 'warning', format: 'text' } },
    { body: { title: `Resolved: ${TITLE}`, body: OVER, type: 'success', format: 'text' } },
  ],
};
