import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { QUEUE_NAMES } from '../domain/queues.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import type { CollectionHealth } from '../reports/collection/read-health.ts';
import type { SnapshotHealth } from '../snapshots/snapshot-health.ts';
import type { Status } from '../reports/status.ts';
import { METRICS, MIRROR_LAG, type Metric, type QueueReading, type Readings } from './metric-list.ts';

interface MetricsDependencies {
  readonly queues: JobQueues;
  readonly readStatus: () => Promise<Status>;
  readonly readHealth: () => Promise<CollectionHealth>;
  readonly readSnapshots: () => Promise<SnapshotHealth>;
  readonly hasMirror: boolean;
  /** How often each event of the login has happened in this process. */
  readonly accessCounts: ReadonlyMap<string, number>;
}

/** Writes the metrics of queues, videos, playlists, sources and this process in the Prometheus text format. */
export function createMetrics(dependencies: MetricsDependencies) {
  const register = new Registry();
  collectDefaultMetrics({ register });
  const reachable = new Gauge({
    name: 'sonotheque_reachable',
    help: '1 when Redis and MongoDB answered',
    registers: [register],
  });
  new Counter({
    name: 'sonotheque_dashboard_access_total',
    help: 'Total number of logins, failed and refused ones, logouts and changing requests',
    labelNames: ['event'],
    registers: [register],
    collect() {
      this.reset();
      for (const [event, count] of dependencies.accessCounts) this.inc({ event }, count);
    },
  });
  const metrics = [...METRICS, ...(dependencies.hasMirror ? [MIRROR_LAG] : [])].map((metric) =>
    registerMetric(metric, register),
  );
  return {
    contentType: register.contentType,
    /** Reads everything anew. Writes `sonotheque_reachable 0` and no other values when a server does not answer. */
    render: async (): Promise<string> => {
      // The metrics of the process stay readable without the servers; old values would be misleading.
      const readings = await readAll(dependencies).catch(() => undefined);
      // Synchronous from here, so that two scrapes at once do not mix.
      for (const metric of metrics) metric.update(readings);
      reachable.set(readings === undefined ? 0 : 1);
      return await register.metrics();
    },
  };
}

function registerMetric({ name, help, labels = [], type, read }: Metric, register: Registry) {
  const options = { name, help, labelNames: labels, registers: [register] };
  const metric = type === 'counter' ? new Counter(options) : new Gauge(options);
  return {
    update: (readings: Readings | undefined) => {
      // Without labels a reset sets the value to 0; it must have none until it is read.
      if (labels.length === 0) metric.remove();
      else metric.reset();
      for (const [value, ...row] of readings === undefined ? [] : read(readings)) {
        metric.inc(Object.fromEntries(labels.map((label, index) => [label, row[index] ?? ''])), value);
      }
    },
  };
}

async function readAll(dependencies: MetricsDependencies): Promise<Readings> {
  const [status, health, snapshots, queues] = await Promise.all([
    dependencies.readStatus(),
    dependencies.readHealth(),
    dependencies.readSnapshots(),
    readQueues(dependencies.queues),
  ]);
  return { status, health, snapshots, queues };
}

async function readQueues(queues: JobQueues): Promise<QueueReading[]> {
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
