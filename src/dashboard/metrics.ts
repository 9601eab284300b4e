import { VIDEO_STATUSES } from '../domain/video-status.ts';
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { QUEUE_NAMES, type QueueName } from '../queues/catalogue.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import type { CollectionHealth } from '../reports/collection/read-health.ts';
import type { SnapshotHealth } from '../snapshots/snapshot-health.ts';
import type { Status } from '../reports/status.ts';
import { createCollectionFigures } from './collection-metrics.ts';
import { createEgressFigures } from './egress-metrics.ts';

/** Where the figures come from. */
export interface MetricsDependencies {
  readonly queues: JobQueues;
  readonly readStatus: () => Promise<Status>;
  readonly readHealth: () => Promise<CollectionHealth>;
  readonly readSnapshots: () => Promise<SnapshotHealth>;
  /** Without an Azure container there is no mirror that could lag. */
  readonly hasMirror: boolean;
}

/** Writes the figures of queues, videos, playlists and this process in the Prometheus text format. */
export interface Metrics {
  readonly contentType: string;
  /** Reads everything anew. Says `sonotheque_reachable 0` and leaves the rest out when a server does not answer. */
  render(): Promise<string>;
}

/** Makes the metrics; names follow https://prometheus.io/docs/practices/naming/, BullMQ's own are kept. */
export function createMetrics(sources: MetricsDependencies): Metrics {
  const register = new Registry();
  collectDefaultMetrics({ register });
  const reachable = new Gauge({
    name: 'sonotheque_reachable',
    help: '1 when Redis and MongoDB answered',
    registers: [register],
  });
  const queueFigures = createQueueFigures(register);
  const statusFigures = createStatusFigures(register, sources.hasMirror);
  const collectionFigures = createCollectionFigures(register);
  return {
    contentType: register.contentType,
    render: async () => {
      try {
        const [status, health, snapshots, counted] = await Promise.all([
          sources.readStatus(),
          sources.readHealth(),
          sources.readSnapshots(),
          countJobs(sources.queues),
        ]);
        // In one go and without a pause, so that two scrapes at once do not mix.
        for (const figures of [statusFigures, collectionFigures, queueFigures]) figures.reset();
        collectionFigures.set(health, snapshots);
        statusFigures.set(status);
        queueFigures.set(counted);
        reachable.set(1);
      } catch {
        // The figures of the process stay readable; the rest would be old or half.
        for (const figures of [statusFigures, collectionFigures, queueFigures]) figures.reset();
        reachable.set(0);
      }
      return await register.metrics();
    },
  };
}

/** The names and labels of BullMQ's own `exportPrometheusMetrics`, which repeats the headers for each queue. */
function createQueueFigures(register: Registry) {
  const registers = [register];
  const jobs = new Gauge({
    name: 'bullmq_job_count',
    help: 'Number of jobs in the queue by state',
    labelNames: ['queue', 'state'],
    registers,
  });
  const completed = new Counter({
    name: 'bullmq_job_completed_total',
    help: 'Total number of completed jobs',
    labelNames: ['queue'],
    registers,
  });
  const failed = new Counter({
    name: 'bullmq_job_failed_total',
    help: 'Total number of failed jobs',
    labelNames: ['queue'],
    registers,
  });
  const lost = new Counter({
    name: 'sonotheque_jobs_lost_total',
    help: 'How often jobs have lost their worker and were started again',
    labelNames: ['queue'],
    registers,
  });
  return {
    reset: () => {
      for (const metric of [jobs, completed, failed, lost]) metric.reset();
    },
    set: (counted: readonly CountedJobs[]) => {
      for (const { name, counts, completedTotal, failedTotal, lostTotal } of counted) {
        lost.inc({ queue: name }, lostTotal);
        for (const [state, count] of Object.entries(counts)) jobs.set({ queue: name, state }, count);
        completed.inc({ queue: name }, completedTotal);
        failed.inc({ queue: name }, failedTotal);
      }
    },
  };
}

interface CountedJobs {
  readonly name: QueueName;
  readonly counts: Readonly<Record<string, number>>;
  readonly completedTotal: number;
  readonly failedTotal: number;
  readonly lostTotal: number;
}

async function countJobs(queues: JobQueues): Promise<CountedJobs[]> {
  const lost = await queues.lost.read();
  return await Promise.all(
    QUEUE_NAMES.map(async (name) => {
      const queue = queues.queue(name);
      const [counts, completed, failed] = await Promise.all([
        queue.getJobCounts(),
        queue.getMetrics('completed', 0, 0),
        queue.getMetrics('failed', 0, 0),
      ]);
      return {
        name,
        counts,
        completedTotal: completed.meta.count,
        failedTotal: failed.meta.count,
        lostTotal: lost[name],
      };
    }),
  );
}

function createStatusFigures(register: Registry, hasMirror: boolean) {
  const gauge = <L extends string = never>(name: string, help: string, ...labelNames: L[]) =>
    new Gauge<L>({ name: `sonotheque_${name}`, help, labelNames, registers: [register] });
  const videos = gauge('videos', 'Number of videos by status', 'status');
  const failedVideos = gauge('failed_videos', 'Number of failed videos by class of error', 'class');
  const retryWaiting = gauge('retry_waiting', 'Number of videos that wait in the retry queue');
  const oldestWaiting = gauge(
    'queue_oldest_waiting_seconds',
    'Age of the job that is next in line; 0 when none waits',
    'queue',
  );
  const paused = gauge(
    'intake_paused_workers',
    'Workers that take no jobs of a queue',
    'queue',
    'kind',
    'class',
  );
  const warnings = gauge('redis_warning', '1 for each setting of Redis that endangers jobs', 'setting');
  const egress = createEgressFigures(register);
  const announced = gauge('playlist_announced_items', 'Items the playlist says it has', 'playlist');
  const found = gauge('playlist_found_items', 'Items the last listing of the playlist found', 'playlist');
  const complete = gauge(
    'playlist_complete',
    '1 when the last listing of the playlist was complete',
    'playlist',
  );
  const storedBytes = gauge('stored_audio_bytes', 'Size of all audio in the bucket');
  const storedSeconds = gauge('stored_audio_seconds', 'Duration of all audio in the bucket');
  const mirrorLag = hasMirror
    ? gauge('mirror_lag_objects', 'Stored objects that are not mirrored yet')
    : undefined;
  const all = [videos, failedVideos, oldestWaiting, paused, warnings, announced, found, complete];
  const single = [retryWaiting, storedBytes, storedSeconds, ...(mirrorLag === undefined ? [] : [mirrorLag])];
  return {
    reset: () => {
      for (const metric of all) metric.reset();
      egress.reset();
      // A figure without labels would go back to 0, which would be a lie; without a value it is left out.
      for (const metric of single) metric.remove();
    },
    set: (status: Status) => {
      for (const name of VIDEO_STATUSES) videos.set({ status: name }, status.videos[name]);
      for (const failure of status.failures) failedVideos.set({ class: failure.class }, failure.count);
      for (const name of QUEUE_NAMES) {
        oldestWaiting.set({ queue: name }, status.queues[name].oldestWaitingSeconds ?? 0);
      }
      for (const pause of status.pauses) {
        paused.inc({ queue: pause.queue, kind: pause.kind, class: pause.class });
      }
      for (const { setting } of status.warnings) warnings.set({ setting }, 1);
      egress.set(status.egress, status.at);
      for (const playlist of status.playlists) {
        const labels = { playlist: playlist.id };
        if (playlist.announced !== null) announced.set(labels, playlist.announced);
        if (playlist.found !== null) found.set(labels, playlist.found);
        complete.set(labels, playlist.complete === true ? 1 : 0);
      }
      retryWaiting.set(status.videos.retrying);
      storedBytes.set(status.audio.bytes);
      storedSeconds.set(status.audio.hours * 3600);
      // Stored ones that failed to be mirrored lag too, but they are counted under failed_videos.
      mirrorLag?.set(status.videos.stored);
    },
  };
}
