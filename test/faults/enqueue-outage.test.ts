import path from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { generatedPlaylistId } from '../../local/sample-channel/playlists.ts';
import { startSampleChannel, type SampleChannel } from '../../local/sample-channel/start-sample-channel.ts';
import { runEnqueue } from '../support/enqueue-process.ts';
import { eventually } from '../support/eventually.ts';
import { startOwnServer, type OwnServer } from '../support/own-server.ts';
import { startUrlProxy } from '../support/tcp-proxy.ts';
import { openTestSetting, type TestEnvironment } from '../support/test-environment.ts';

jest.setTimeout(90_000);

const ITEMS = 2_000;

let redis: OwnServer;
let channel: SampleChannel;
let setting: TestEnvironment;

beforeEach(async () => {
  redis = await startOwnServer('redis');
  channel = await startSampleChannel({
    directory: path.join(import.meta.dirname, '../../.sonotheque/sample-channel'),
  });
  setting = await openTestSetting({ REDIS_URL: redis.url, YTDLP_EXTRA_ARGS: channel.extraArguments });
});

afterEach(async () => {
  await setting.close();
  await channel.close();
  await redis.close();
});

test('a Redis that is killed and comes back in the middle of a long listing costs nothing of the list', async () => {
  const ended = runEnqueue([generatedPlaylistId(ITEMS)], setting);
  await eventually(
    'the first jobs',
    async () => (await setting.queues.counts('download')).waiting,
    (waiting) => waiting > 100,
    40_000,
  );
  await redis.kill();
  await redis.restart();
  const { exitCode, stdout } = await ended;
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining(`${String(ITEMS)} of ${String(ITEMS)}`)]);
  expect((await setting.database.overview.countByStatus()).discovered).toBe(ITEMS);
  expect((await setting.queues.counts('download')).waiting).toBe(ITEMS);
});

// Each is away for longer than its client tries by itself: a call to Redis for 3 s, the choice of a MongoDB for 10 s.
test.each([
  ['REDIS_URL', 8_000],
  ['MONGO_URL', 12_000],
] as const)(
  'what %s names is away for %i ms in the middle of a listing, and nothing of it is lost',
  async (variable, outageMs) => {
    const proxy = await startUrlProxy(setting.variables[variable] ?? '');
    const waiting = async () => (await setting.queues.counts('download')).waiting;
    try {
      const variables = { ...setting.variables, [variable]: proxy.url };
      const ended = runEnqueue([generatedPlaylistId(ITEMS)], { variables, directory: setting.directory });
      await eventually('the first jobs', waiting, (count) => count > 100, 40_000);
      proxy.setFault({ kind: 'refuse' });
      const until = Date.now() + outageMs;
      await eventually('the end of the outage', () => Date.now() > until, Boolean, 2 * outageMs);
      // It had not come to its end before.
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
