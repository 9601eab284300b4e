import { HEALTH_STATES, isUnhealthy, type SourceHealth } from '../reports/collection/health.ts';
import type { CollectionHealth } from '../reports/collection/read-health.ts';
import type { PlaylistStatus, Status } from '../reports/status.ts';
import type { SnapshotHealth } from '../snapshots/snapshot-health.ts';
import type { EgressStatus } from '../egress/egress-status.ts';
import { QUEUE_NAMES, type QueueName } from '../domain/queues.ts';
import { VIDEO_STATUSES } from '../domain/video-status.ts';

/** Everything that one scrape reads. */
export interface Readings {
  readonly status: Status;
  readonly health: CollectionHealth;
  readonly snapshots: SnapshotHealth;
  readonly queues: readonly QueueReading[];
}

export interface QueueReading {
  readonly name: QueueName;
  readonly counts: Readonly<Record<string, number>>;
  readonly completedTotal: number;
  readonly failedTotal: number;
  readonly lostTotal: number;
}

/** A value, then the values of the labels in the order in which the metric declares them. */
type Row = readonly [value: number, ...labels: string[]];

/** Null: the metric has no value for these labels. */
type Value = number | null;

/** A metric and how it is read. Rows with the same labels add up; a metric without rows has no value. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  readonly type?: 'counter';
  readonly read: (readings: Readings) => readonly Row[];
}

const EGRESS_STATES: readonly EgressStatus['state'][] = ['closed', 'open', 'half-open'];

/** Names follow https://prometheus.io/docs/practices/naming/; BullMQ's own are those of its `exportPrometheusMetrics`. */
export const METRICS: readonly Metric[] = [
  {
    name: 'bullmq_job_count',
    help: 'Number of jobs in the queue by state',
    labels: ['queue', 'state'],
    read: ({ queues }) =>
      queues.flatMap(({ name, counts }) =>
        Object.entries(counts).map(([state, count]): Row => [count, name, state]),
      ),
  },
  {
    name: 'bullmq_job_completed_total',
    help: 'Total number of completed jobs',
    labels: ['queue'],
    type: 'counter',
    read: ({ queues }) => queues.map(({ name, completedTotal }) => [completedTotal, name]),
  },
  {
    name: 'bullmq_job_failed_total',
    help: 'Total number of failed jobs',
    labels: ['queue'],
    type: 'counter',
    read: ({ queues }) => queues.map(({ name, failedTotal }) => [failedTotal, name]),
  },
  {
    name: 'sonotheque_jobs_lost_total',
    help: 'How often jobs were started again because their worker was lost',
    labels: ['queue'],
    type: 'counter',
    read: ({ queues }) => queues.map(({ name, lostTotal }) => [lostTotal, name]),
  },
  {
    name: 'sonotheque_queue_oldest_waiting_seconds',
    help: 'Age of the job that is next in the queue; 0 when no job waits',
    labels: ['queue'],
    read: ({ status }) => QUEUE_NAMES.map((name) => [status.queues[name].oldestWaitingSeconds ?? 0, name]),
  },
  {
    name: 'sonotheque_intake_paused_workers',
    help: 'Number of workers that take no jobs from the queue',
    labels: ['queue', 'kind', 'class'],
    read: ({ status }) => status.pauses.map((pause) => [1, pause.queue, pause.kind, pause.class]),
  },
  {
    name: 'sonotheque_queue_paused',
    help: '1 for each queue that a person has paused for all workers',
    labels: ['queue'],
    read: ({ status }) => status.pausedQueues.map(({ queue }) => [1, queue]),
  },
  {
    name: 'sonotheque_redis_warning',
    help: '1 for each Redis setting that endangers jobs',
    labels: ['setting'],
    read: ({ status }) => status.warnings.map(({ setting }) => [1, setting]),
  },
  {
    name: 'sonotheque_videos',
    help: 'Number of videos by status',
    labels: ['status'],
    read: ({ status }) => VIDEO_STATUSES.map((name) => [status.videos[name], name]),
  },
  {
    name: 'sonotheque_videos_counted_timestamp_seconds',
    help: 'When the videos were counted; of more than 20,000 the last count is shown',
    read: ({ status }) => optionalRow(timestamp(status.countedAt ?? status.at)),
  },
  {
    name: 'sonotheque_failed_videos',
    help: 'Number of failed videos by error class',
    labels: ['class'],
    read: ({ status }) => status.failures.map((failure) => [failure.count, failure.class]),
  },
  {
    name: 'sonotheque_retry_waiting',
    help: 'Number of videos in the retry queue',
    read: ({ status }) => [[status.videos.retrying]],
  },
  perPlaylist(
    'sonotheque_playlist_announced_items',
    'Number of items that the playlist announces',
    ({ announced }) => announced,
  ),
  perPlaylist(
    'sonotheque_playlist_found_items',
    'Number of items that the last listing of the playlist found',
    ({ found }) => found,
  ),
  perPlaylist(
    'sonotheque_playlist_complete',
    '1 when the last listing of the playlist was complete',
    ({ complete }) => (complete === true ? 1 : 0),
  ),
  {
    name: 'sonotheque_stored_audio_bytes',
    help: 'Size of all audio in the bucket',
    read: ({ status }) => [[status.audio.bytes]],
  },
  {
    name: 'sonotheque_stored_audio_seconds',
    help: 'Duration of all audio in the bucket',
    read: ({ status }) => [[status.audio.hours * 3600]],
  },
  {
    name: 'sonotheque_egress_circuit',
    help: '1 for the circuit state of the egress address, 0 for the other states',
    labels: ['egress', 'state'],
    read: ({ status }) =>
      status.egress.flatMap((address) =>
        EGRESS_STATES.map((state): Row => [address.state === state ? 1 : 0, address.identity, state]),
      ),
  },
  perEgressAddress(
    'sonotheque_egress_rest_seconds',
    'Remaining rest of the egress address; 0 when it does not rest',
    ({ until }, at) => (until === null ? 0 : Math.max(0, (until.getTime() - at.getTime()) / 1000)),
  ),
  perEgressAddress(
    'sonotheque_egress_starts_last_hour',
    'Number of downloads and listings started in the last hour',
    ({ usedLastHour }) => usedLastHour,
  ),
  perEgressAddress(
    'sonotheque_egress_budget_starts_per_hour',
    'Maximum number of starts in an hour; without a value when there is no limit',
    ({ budgetPerHour }) => budgetPerHour,
  ),
  perEgressAddress(
    'sonotheque_egress_next_start_seconds',
    'Time until the next start is allowed',
    ({ nextStartSeconds }) => nextStartSeconds,
  ),
  {
    name: 'sonotheque_source_documents',
    help: 'Number of documents of the source',
    labels: ['source', 'kind'],
    read: ({ health }) => health.sources.map(({ documents, id, kind }) => [documents, id, kind]),
  },
  perSource(
    'sonotheque_source_healthy',
    '1 when the documents of the source are fresh; without a value when the source is disabled',
    ({ state }) => (state === 'disabled' ? null : isUnhealthy(state) ? 0 : 1),
  ),
  {
    name: 'sonotheque_source_state',
    help: '1 for the state of the source, 0 for the other states',
    labels: ['source', 'state'],
    read: ({ health }) =>
      health.sources.flatMap((source) =>
        HEALTH_STATES.map((state): Row => [source.state === state ? 1 : 0, source.id, state]),
      ),
  },
  perSource(
    'sonotheque_source_last_success_timestamp_seconds',
    'When the source was last collected successfully',
    ({ lastSuccessAt }) => timestamp(lastSuccessAt),
  ),
  perSource(
    'sonotheque_source_last_new_item_timestamp_seconds',
    'When the source last had a new item',
    ({ lastNewItemAt }) => timestamp(lastNewItemAt),
  ),
  perSource(
    'sonotheque_source_consecutive_failures',
    'Number of failed runs since the last success',
    ({ consecutiveFailures }) => consecutiveFailures,
  ),
  {
    name: 'sonotheque_snapshot_verified_timestamp_seconds',
    help: 'When the newest verified snapshot of the database was started',
    read: ({ snapshots }) => optionalRow(timestamp(snapshots.newestVerified?.at)),
  },
];

/** Only with an Azure container. Stored videos that failed to be mirrored lag too, but count as failed. */
export const MIRROR_LAG: Metric = {
  name: 'sonotheque_mirror_lag_objects',
  help: 'Number of stored objects that are not mirrored yet',
  read: ({ status }) => [[status.videos.stored]],
};

function perPlaylist(name: string, help: string, valueOf: (playlist: PlaylistStatus) => Value): Metric {
  const read = ({ status }: Readings) =>
    status.playlists.flatMap((playlist) => optionalRow(valueOf(playlist), playlist.id));
  return { name, help, labels: ['playlist'], read };
}

function perEgressAddress(
  name: string,
  help: string,
  valueOf: (address: EgressStatus, at: Date) => Value,
): Metric {
  const read = ({ status }: Readings) =>
    status.egress.flatMap((address) => optionalRow(valueOf(address, status.at), address.identity));
  return { name, help, labels: ['egress'], read };
}

function perSource(name: string, help: string, valueOf: (source: SourceHealth) => Value): Metric {
  const read = ({ health }: Readings) =>
    health.sources.flatMap((source) => optionalRow(valueOf(source), source.id));
  return { name, help, labels: ['source'], read };
}

function timestamp(at: Date | null | undefined): Value {
  return at ? at.getTime() / 1000 : null;
}

function optionalRow(value: Value, ...labels: string[]): Row[] {
  return value === null ? [] : [[value, ...labels]];
}
