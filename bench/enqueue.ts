/**
 * How long a long playlist takes to enqueue: time to the first waiting job and in all, against yt-dlp's own flat
 * listing of the same playlist; and jobs a second against BullMQ's own addBulk. Needs REDIS_URL and MONGO_URL in the
 * environment, and yt-dlp; starts a sample channel of its own.
 *
 *   node bench/enqueue.ts [ENTRIES]
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { parse } from 'shell-quote';
import { generatedPlaylistId } from '../local/sample-channel/playlists.ts';
import { spawnSampleChannel } from '../local/sample-channel/spawn-sample-channel.ts';
import { parseConfig } from '../src/config/parse-config.ts';
import { gatherEnvironment } from '../src/config/load.ts';
import { openDatabase } from '../src/database/database.ts';
import { connectRedis } from '../src/queues/connections.ts';
import { JobQueues } from '../src/queues/job-queues.ts';

const entries = Number(process.argv[2] ?? 5000);
const root = path.join(import.meta.dirname, '..');
const name = `bench-${randomBytes(4).toString('hex')}`;
const gathered = gatherEnvironment(process.env);
const mongoUrl = new URL(gathered['MONGO_URL'] ?? 'mongodb://127.0.0.1');
mongoUrl.pathname = `/${name}`;
const channel = await spawnSampleChannel({ directory: path.join(root, '.sonotheque/sample-channel') });
const variables = {
  // The stores are not touched.
  MINIO_ENDPOINT: '127.0.0.1:9000',
  MINIO_ACCESS_KEY: 'not-used',
  MINIO_SECRET_KEY: 'not-used',
  ...gathered,
  MONGO_URL: mongoUrl.href,
  QUEUE_PREFIX: name,
  YTDLP_EXTRA_ARGS: channel.extraArguments,
};
const config = parseConfig(variables);
const database = await openDatabase(config.mongo, name);
const queues = new JobQueues(config.redis);
const playlistId = generatedPlaylistId(entries);

/** Runs a program to its end. @returns seconds in all and until the first result. */
async function run(
  command: string,
  args: readonly string[],
  hasFirst: 'output' | (() => Promise<boolean>),
): Promise<{ readonly firstSeconds: number; readonly seconds: number }> {
  const startedAt = performance.now();
  const secondsNow = () => (performance.now() - startedAt) / 1000;
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const state = { hasOutput: false, isOver: false };
  child.stdout.on('data', () => (state.hasOutput = true));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      state.isOver = true;
      resolve(code);
    });
  });
  let firstSeconds = 0;
  while (firstSeconds === 0 && !state.isOver) {
    if (hasFirst === 'output' ? state.hasOutput : await hasFirst()) firstSeconds = secondsNow();
    else await delay(5);
  }
  const code = await ended;
  if (code !== 0) throw new Error(`${command} ended with ${String(code)}`);
  return { firstSeconds, seconds: secondsNow() };
}

const show = (label: string, { firstSeconds, seconds }: { firstSeconds: number; seconds: number }) => {
  console.log(
    `${label.padEnd(40)} first ${firstSeconds.toFixed(2)} s, all ${seconds.toFixed(2)} s, ${(entries / seconds).toFixed(0)} entries/s`,
  );
};

try {
  const url = `https://www.youtube.com/playlist?list=${playlistId}`;
  const listing = await run(
    config.media.ytDlpPath,
    [
      ...['--ignore-config', '--flat-playlist', '--lazy-playlist', '--print', '%(id)s'],
      ...parse(channel.extraArguments).filter((word) => typeof word === 'string'),
      ...['--', url],
    ],
    'output',
  );
  show(`yt-dlp --flat-playlist, ${String(entries)} entries`, listing);
  const command = [path.join(root, 'src/cli/enqueue.ts'), playlistId];
  const hasJob = async () => (await queues.counts('download')).waiting > 0;
  const first = await run(process.execPath, command, hasJob);
  show('enqueue, all new', first);
  show('enqueue, all known', await run(process.execPath, command, 'output'));
  console.log(
    `enqueue takes ${(first.seconds / listing.seconds).toFixed(2)} times as long as the listing alone`,
  );

  const videos = Array.from({ length: entries }, (_value, index) => ({
    key: { provider: 'youtube', videoId: `b${String(index).padStart(10, '0')}` } as const,
    round: 0,
  }));
  const batches = Array.from({ length: Math.ceil(entries / 100) }, (_value, index) =>
    videos.slice(index * 100, index * 100 + 100),
  );
  const timed = async (label: string, add: (batch: typeof videos) => Promise<unknown>) => {
    const startedAt = performance.now();
    for (const batch of batches) await add(batch);
    console.log(
      `${label.padEnd(40)} ${((entries / (performance.now() - startedAt)) * 1000).toFixed(0)} jobs/s`,
    );
  };
  const connection = connectRedis(config.redis, 'producer');
  const plain = new Queue(`${name}-plain`, { connection, prefix: name });
  await timed('BullMQ addBulk by 100', (batch) =>
    plain.addBulk(batch.map(({ key, round }) => ({ name: 'plain', data: { ...key, round } }))),
  );
  await timed('JobQueues.addStages by 100', (batch) => queues.addStages('upload', batch));
  await plain.obliterate({ force: true });
  await plain.close();
  connection.disconnect();
} finally {
  await Promise.all(
    (['download', 'upload'] as const).map((queue) => queues.queue(queue).obliterate({ force: true })),
  );
  await database.connection.dropDatabase();
  await Promise.all([queues.close(), database.close(), channel.close()]);
}
