/** `npm run demo`: the whole pipeline on this machine, from a sample channel to the mirror, and a summary. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../../src/cli/command/run-command.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { openDatabase } from '../../src/database/database.ts';
import { exportAudio } from '../../src/operations/export-audio.ts';
import { DEFAULT_NAMES } from '../../src/operations/export-names.ts';
import { JobQueues } from '../../src/queues/job-queues.ts';
import { collectStatus, type Status } from '../../src/reports/status.ts';
import { UserError } from '../../src/runtime/user-error.ts';
import { openMinioStore } from '../../src/storage/open-stores.ts';
import { PLAYLIST_IDS } from '../sample-channel/fixed-playlists.ts';
import { startSampleChannel } from '../sample-channel/start-sample-channel.ts';
import { freePort } from '../servers/start-on-free-port.ts';
import { SERVER_NAMES, startServers } from '../servers/start-servers.ts';
import { startProgram } from '../start/programs.ts';
import { runCollectDemo } from './collect/collect-demo.ts';
import { demoEnvironment } from './demo-environment.ts';
import { followPipeline } from './follow-pipeline.ts';
import { parseDemoOptions } from './options.ts';
import { formatSummary } from './summary.ts';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
const DIRECTORY = path.join(CHECKOUT, '.sonotheque', 'demo');
const AUDIO_DIRECTORY = path.join(DIRECTORY, 'audio');
const PROGRAM_GRACE_MS = 15_000;
/** Worker processes that share the queues, as two machines would. */
const WORKERS = 2;

const say = (line: string) => {
  process.stderr.write(`${line}\n`);
};

await runCommand(async (signal) => {
  const options = parseDemoOptions();
  const startedAt = performance.now();
  await rm(DIRECTORY, { recursive: true, force: true });
  await mkdir(DIRECTORY, { recursive: true });
  if (options.collect) {
    await runCollectDemo({ ...options, checkout: CHECKOUT, directory: DIRECTORY, signal, say });
    if (!options.keep) await rm(path.join(DIRECTORY, 'servers'), { recursive: true, force: true });
    return 0;
  }
  say('Starting Redis, MongoDB, MinIO, Azurite and the sample channel …');
  const [servers, channel] = await Promise.all([
    startServers({
      checkout: CHECKOUT,
      directory: path.join(DIRECTORY, 'servers'),
      wanted: SERVER_NAMES,
      persistence: 'disk',
      environment: {},
      onLine: say,
      signal,
    }),
    // Its audio is generated once and reused by every later demo.
    startSampleChannel({ directory: path.join(CHECKOUT, '.sonotheque', 'sample-channel') }),
  ]);
  try {
    return await runPipeline(servers, channel.extraArguments);
  } finally {
    await Promise.all([servers.close(), channel.close()]);
    if (!options.keep) await rm(path.join(DIRECTORY, 'servers'), { recursive: true, force: true });
  }

  async function runPipeline(
    { guard, variables }: Awaited<ReturnType<typeof startServers>>,
    extraArguments: string,
  ): Promise<number> {
    const dashboardPort = await freePort();
    const playlistFile = path.join(DIRECTORY, 'playlist.txt');
    await writeFile(playlistFile, playlistLines());
    const env = demoEnvironment(process.env, {
      ...variables,
      YTDLP_EXTRA_ARGS: extraArguments,
      PLAYLIST_FILE: playlistFile,
      STAGING_DIR: path.join(DIRECTORY, 'staging'),
      // This file does not exist: the demo works without a network and collects from no real source.
      SOURCES_FILE: path.join(DIRECTORY, 'sources.yaml'),
      DASHBOARD_PORT: String(dashboardPort),
    });
    const program = (name: string, logName = name) =>
      startProgram(guard, CHECKOUT, name, {
        env,
        logFile: path.join(DIRECTORY, 'logs', `${logName}.log`),
        graceMs: PROGRAM_GRACE_MS,
      });
    const config = parseConfig(env);
    const database = await openDatabase(config.mongo, 'sonotheque-demo');
    const queues = new JobQueues(config.redis);
    try {
      const workers = await Promise.all(
        Array.from({ length: WORKERS }, (_, index) => program('worker', `worker-${String(index + 1)}`)),
      );
      const [enqueue, dashboard] = await Promise.all([program('enqueue'), program('dashboard')]);
      say(`Dashboard, while this runs: http://127.0.0.1:${String(dashboardPort)}/`);
      await followPipeline({ database, programs: [...workers, dashboard], enqueue, signal });
      const seconds = (performance.now() - startedAt) / 1000;
      const status = await collectStatus(database, queues);
      const store = openMinioStore(config.minio, config.storage);
      const { exported: files } = await exportAudio(
        { directory: AUDIO_DIRECTORY, names: DEFAULT_NAMES, signal },
        { user: null, via: 'command' },
        { database, store },
      );
      store.close();
      process.stdout.write(
        options.json
          ? `${JSON.stringify(status)}\n`
          : formatSummary(status, {
              seconds,
              files,
              audioDirectory: AUDIO_DIRECTORY,
              kept: options.keep ? DIRECTORY : undefined,
            }),
      );
      return exitCodeOf(status.videos);
    } finally {
      await Promise.all([queues.close(), database.close()]);
    }
  }
});

/** The two playlists of the sample channel, in the two forms that people use. */
function playlistLines(): string {
  return [
    '# The sample channel: two playlists that share three videos',
    `https://www.youtube.com/playlist?list=${PLAYLIST_IDS.stories}`,
    `${PLAYLIST_IDS.songs}   # a bare id also works`,
    '',
  ].join('\n');
}

/** The private video must fail or be skipped; all others must be mirrored. */
function exitCodeOf(videos: Status['videos']): number {
  const missing = videos.total - videos.mirrored - videos.failed - videos.skipped;
  if (videos.total === 0 || missing > 0 || videos.failed + videos.skipped > 1) {
    throw new UserError(`The demo failed; its logs are in ${path.join(DIRECTORY, 'logs')}.`);
  }
  return 0;
}
