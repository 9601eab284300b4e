import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { generatedPlaylistId } from '../../local/sample-channel/playlists.ts';
import { startSampleChannel, type SampleChannel } from '../../local/sample-channel/start-sample-channel.ts';
import { runEnqueue } from '../support/enqueue-process.ts';
import { eventually } from '../support/eventually.ts';
import { startOwnServer, type OwnServer } from '../support/own-server.ts';
import { startUrlProxy } from '../support/tcp-proxy.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { SAMPLE_CHANNEL_DIRECTORY } from '../support/sample-channel.ts';

const ITEMS = 2_000;

let redis: OwnServer;
let channel: SampleChannel;
let environment: TestEnvironment;

beforeEach(async () => {
  redis = await startOwnServer('redis');
  channel = await startSampleChannel({ directory: SAMPLE_CHANNEL_DIRECTORY });
  environment = await openTestEnvironment({ REDIS_URL: redis.url, YTDLP_EXTRA_ARGS: channel.extraArguments });
});

afterEach(async () => {
  await environment.close();
  await channel.close();
  await redis.close();
});

test('a Redis that is killed and restarted during a long listing loses no entry of the list', async () => {
  const ended = runEnqueue([generatedPlaylistId(ITEMS)], environment);
  await eventually(
    'the first jobs',
    async () => (await environment.queues.jobs.counts('download')).waiting,
    (waiting) => waiting > 100,
    40_000,
  );
  await redis.kill();
  await redis.restart();
  const { exitCode, stdout } = await ended;
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining(`${String(ITEMS)} of ${String(ITEMS)}`)]);
  expect((await environment.database.overview.countByStatus()).discovered).toBe(ITEMS);
  expect((await environment.queues.jobs.counts('download')).waiting).toBe(ITEMS);
});

// Each is down for longer than its client retries: a Redis command for 3 s, the MongoDB server selection for 10 s.
test.each([
  ['REDIS_URL', 8_000],
  ['MONGO_URL', 12_000],
] as const)(
  'a server of %s that is down for %i ms during a listing loses no entry',
  async (variable, outageMs) => {
    const proxy = await startUrlProxy(environment.variables[variable] ?? '');
    const waiting = async () => (await environment.queues.jobs.counts('download')).waiting;
    try {
      const variables = { ...environment.variables, [variable]: proxy.url };
      const ended = runEnqueue([generatedPlaylistId(ITEMS)], { variables, directory: environment.directory });
      await eventually('the first jobs', waiting, (count) => count > 100, 40_000);
      proxy.setFault({ kind: 'refuse' });
      const until = Date.now() + outageMs;
      await eventually('the end of the outage', () => Date.now() > until, Boolean, 2 * outageMs);
      // It had not finished before.
      expect(await waiting()).toBeLessThan(ITEMS);
      proxy.setFault({ kind: 'none' });
      const { exitCode, stdout } = await ended;
      expect([exitCode, stdout]).toEqual([
        0,
        expect.stringContaining(`${String(ITEMS)} of ${String(ITEMS)}`),
      ]);
      expect(await waiting()).toBe(ITEMS);
    } finally {
      await proxy.close();
    }
  },
);
