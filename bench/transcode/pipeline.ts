import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { openDatabase } from '../../src/database/database.ts';
import type { Stage } from '../../src/domain/video-status.ts';
import { JobQueues } from '../../src/queues/job-queues.ts';
import { createBenchConfig } from '../support/bench-config.ts';
import { ROOT } from '../support/bench-servers.ts';
import { startBenchWorker } from '../support/bench-worker.ts';
import { removeObjects, removeRecords } from '../support/clean-up.ts';
import type { Figures } from '../support/figures.ts';
import { waitForItems } from '../support/follow.ts';
import { measureChild } from '../support/measure-child.ts';
import { processTimes } from '../support/process-times.ts';
import { countServerSeconds, findServers } from '../support/server-times.ts';
import { watchTree } from '../support/watch-tree.ts';
import type { Recordings } from './recordings.ts';

const STALL_MS = 300_000;

export interface PipelineOptions {
  readonly directory: string;
  /** Which the worker works on, in their order. */
  readonly stages: readonly Stage[];
  readonly signal: AbortSignal;
}

/**
 * Enqueues the playlist for a worker process that is up already, and waits for the last video.
 * @throws Error when a video fails
 */
export async function runPipeline(
  recordings: Recordings,
  { directory, stages, signal }: PipelineOptions,
): Promise<Figures> {
  const staging = path.join(directory, 'staging');
  const bench = createBenchConfig({
    STAGING_DIR: staging,
    YTDLP_EXTRA_ARGS: recordings.extraArguments,
    EGRESS_BUDGET_PER_HOUR: '0',
    EGRESS_SPACING_SECONDS: '0',
    // While one waits for the source, the disk or a server, the others keep all processors busy.
    DOWNLOAD_CONCURRENCY: String(availableParallelism() + 1),
    SOURCES_FILE: path.join(directory, 'none.yaml'),
  });
  const { config, variables } = bench;
  const database = await openDatabase(config.mongo, bench.name);
  const queues = new JobQueues(config.redis);
  try {
    const worker = await startBenchWorker({ queues: stages, variables });
    try {
      const before = processTimes(worker.pid);
      const serverSeconds = countServerSeconds(findServers(config));
      const endWatch = watchTree(worker.pid);
      const startedAt = performance.now();
      const [enqueued] = await Promise.all([
        measureChild(process.execPath, [path.join(ROOT, 'src/cli/enqueue.ts'), recordings.playlistId], {
          ...process.env,
          ...variables,
        }),
        waitForItems(recordings.videoIds.length, stages.at(-1) ?? 'sync', {
          database,
          queues,
          signal,
          stallMs: STALL_MS,
          intervalMs: 100,
        }),
      ]);
      const seconds = (performance.now() - startedAt) / 1000;
      const now = processTimes(worker.pid);
      const servers = Object.values(serverSeconds()).reduce((sum, each) => sum + each, 0);
      const ytDlp = endWatch()
        .filter(({ command }) => command.includes('fork_server.py'))
        .reduce((sum, { own, endedChildren }) => sum + own + endedChildren, 0);
      const parts = {
        // With YTDLP_RESIDENT=false yt-dlp counts here, too: the worker waits for both.
        ffmpeg: now.endedChildren - before.endedChildren,
        ytDlp,
        worker: now.own - before.own,
        enqueue: enqueued.cpuSeconds,
        servers,
      };
      return { seconds, cpuSeconds: Object.values(parts).reduce((sum, part) => sum + part, 0), ...parts };
    } finally {
      await worker.stop();
    }
  } finally {
    await removeRecords(database, queues);
    await Promise.all([database.close(), queues.close(), rm(staging, { recursive: true, force: true })]);
    await removeObjects(bench);
  }
}
