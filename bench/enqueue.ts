/**
 * How long a long playlist takes to enqueue: time to the first waiting job and in total, compared with a flat listing of
 * the same playlist by yt-dlp alone; and jobs a second compared with addBulk of BullMQ alone. Needs REDIS_URL and MONGO_URL in the
 * environment, and yt-dlp; starts its own sample channel.
 *
 *   node bench/enqueue.ts [ENTRIES]
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { parse } from 'shell-quote';
import { generatedPlaylistId } from '../local/sample-channel/playlists.ts';
import { spawnSampleChannel } from '../local/sample-channel/spawn-sample-channel.ts';
import { openDatabase } from '../src/database/database.ts';
import { connectRedis } from '../src/queues/connections.ts';
import { JobQueues } from '../src/queues/job-queues.ts';
import { createBenchConfig } from './support/bench-config.ts';
import { measure } from './support/measure.ts';

const entries = Number(process.argv[2] ?? 5000);
const root = path.join(import.meta.dirname, '..');
const channel = await spawnSampleChannel({ directory: path.join(root, '.sonotheque/sample-channel') });
const { name, config, variables } = createBenchConfig({ YTDLP_EXTRA_ARGS: channel.extraArguments });
const database = await openDatabase(config.mongo, name);
const queues = new JobQueues(config.redis);
const playlistId = generatedPlaylistId(entries);

/** Runs a program to its end. @returns seconds in total and until the first result. */
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
  const state = { hasOutput: false, hasEnded: false };
  child.stdout.on('data', () => (state.hasOutput = true));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      state.hasEnded = true;
      resolve(code);
    });
  });
  let firstSeconds = 0;
  while (firstSeconds === 0 && !state.hasEnded) {
    if (hasFirst === 'output' ? state.hasOutput : await hasFirst()) firstSeconds = secondsNow();
    else await delay(5);
  }
  const code = await ended;
  if (code !== 0) throw new Error(`${command} ended with ${String(code)}`);
  return { firstSeconds, seconds: secondsNow() };
}

const show = (label: string, { firstSeconds, seconds }: { firstSeconds: number; seconds: number }) => {
  console.log(
    `${label.padEnd(40)} first ${firstSeconds.toFixed(2)} s, total ${seconds.toFixed(2)} s, ${(entries / seconds).toFixed(0)} entries/s`,
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
  const hasJob = async () => (await queues.jobs.counts('download')).waiting > 0;
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
    const { seconds } = await measure(async () => {
      for (const batch of batches) await add(batch);
    });
    console.log(`${label.padEnd(40)} ${(entries / seconds).toFixed(0)} jobs/s`);
  };
  const connection = connectRedis(config.redis, 'producer');
  const plain = new Queue(`${name}-plain`, { connection, prefix: name });
  await timed('BullMQ addBulk by 100', (batch) =>
    plain.addBulk(batch.map(({ key, round }) => ({ name: 'plain', data: { ...key, round } }))),
  );
  await timed('JobQueues.addMany by 100', (batch) =>
    queues.addMany(
      'upload',
      batch.map(({ key, round }) => ({ payload: { ...key, round } })),
    ),
  );
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
