import type { JobsOptions } from 'bullmq';
import type { z } from 'zod';
import { definedFields } from '../domain/defined-fields.ts';
import { PermanentError } from '../domain/job-errors.ts';
import type { QueueName } from '../domain/queues.ts';
import { videoDocumentId } from '../domain/video-key.ts';
import type { Stage } from '../domain/video-status.ts';
import { collectJobId, collectRetryJobId, retryJobId, shardJobId, stageJobId } from './job-ids.ts';
import { LAST_PRIORITY } from './last-priority.ts';
import {
  collectPayloadSchema,
  maintenancePayloadSchema,
  playlistPayloadSchema,
  retryPayloadSchema,
  stagePayloadSchema,
  syncPayloadSchema,
} from './payloads.ts';

/** The policy of one queue. */
interface QueueDefinition<S extends z.ZodType> {
  readonly payload: S;
  /** The item that a job works on: what strikes are counted for, and what people are shown. */
  readonly item: (payload: z.output<S>) => string;
  /** Adding a job whose id still exists, finished or not, does nothing. Left out: BullMQ counts. */
  readonly jobId?: (payload: z.output<S>) => string;
  /** While a job with the same deduplication id waits or runs, adding another does nothing. */
  readonly deduplicationId?: (payload: z.output<S>) => string;
  /**
   * The priority of jobs that are added without one. For BullMQ, a job without a priority comes before all others; where
   * people give priorities, the others therefore have the last one.
   */
  readonly defaultPriority?: number;
  /** Tries within the queue; the delay between them is ATTEMPT_DELAY_SECONDS, doubling. */
  readonly attempts: number;
  /**
   * How often a job may lose its worker and be started again; the next loss ends the job. A worker that is stopped and
   * not killed puts its jobs back, which does not count.
   */
  readonly maxStalledCount: number;
  /** The longest time for one attempt, beyond all deadlines of the work itself. */
  readonly timeoutMs: number;
  readonly keepCompleted: Retention;
  readonly keepFailed: Retention;
}

interface Retention {
  /** Seconds, as BullMQ wants them. */
  readonly age: number;
  readonly count: number;
}

const HOUR_MS = 3_600_000;
const DAY_SECONDS = 24 * 3600;
/** Of queues that do not say otherwise. */
const DEFAULTS = {
  maxStalledCount: 3,
  timeoutMs: 24 * HOUR_MS,
  keepCompleted: { age: DAY_SECONDS, count: 5_000 },
  // Longer than the longest way through the retry queue, so that a failed job can be looked at until its video is done.
  keepFailed: { age: 14 * DAY_SECONDS, count: 50_000 },
};

/**
 * Every queue, its payload and its policy. Queues, workers, dashboard and commands derive from this table; a worker
 * process does not compile without a processor for each entry.
 */
export const QUEUES = {
  playlist: define({
    payload: playlistPayloadSchema,
    item: ({ playlistId }) => playlistId,
    deduplicationId: ({ playlistId }) => playlistId,
    ...DEFAULTS,
    attempts: 3,
  }),
  download: { ...defineStage('download', 3), defaultPriority: LAST_PRIORITY },
  upload: defineStage('upload', 4),
  sync: define({
    payload: syncPayloadSchema,
    item: (payload) => ('sweepId' in payload ? shardJobId(payload) : videoDocumentId(payload)),
    jobId: (payload) =>
      'sweepId' in payload ? shardJobId(payload) : stageJobId('sync', payload, payload.round),
    ...DEFAULTS,
    attempts: 4,
  }),
  retry: define({
    payload: retryPayloadSchema,
    item: (payload) => (payload.stage === 'collect' ? payload.sourceId : videoDocumentId(payload)),
    jobId: (payload) =>
      payload.stage === 'collect'
        ? collectRetryJobId(payload, payload.round)
        : retryJobId(payload.stage, payload, payload.round),
    ...DEFAULTS,
    attempts: 10,
    maxStalledCount: 10,
    timeoutMs: HOUR_MS,
  }),
  collect: define({
    payload: collectPayloadSchema,
    item: ({ sourceId }) => sourceId,
    jobId: (payload) => collectJobId(payload, payload.round),
    deduplicationId: ({ sourceId }) => sourceId,
    ...DEFAULTS,
    attempts: 3,
  }),
  maintenance: define({
    payload: maintenancePayloadSchema,
    item: (payload) =>
      payload.task === 'collect-tick' ? `${payload.task}.${payload.sourceId}` : payload.task,
    deduplicationId: ({ task }) => task,
    ...DEFAULTS,
    attempts: 2,
    maxStalledCount: 2,
    keepCompleted: { age: DAY_SECONDS, count: 100 },
    keepFailed: { age: 14 * DAY_SECONDS, count: 500 },
  }),
} as const satisfies Record<QueueName, unknown>;

export type PayloadOf<N extends QueueName> = z.output<(typeof QUEUES)[N]['payload']>;

/** The result of a job, shown by the dashboard. */
export type JobResult = Readonly<Record<string, string | number | boolean>>;

/**
 * Reads a payload that comes from Redis or goes there.
 * @throws PermanentError `invalid_payload`
 */
export function parsePayload<N extends QueueName>(name: N, payload: unknown): PayloadOf<N> {
  const parsed = QUEUES[name].payload.safeParse(payload);
  if (parsed.success) return parsed.data as PayloadOf<N>;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`.trim());
  throw new PermanentError('invalid_payload', `Invalid payload for queue ${name}: ${problems.join('; ')}.`);
}

/** What BullMQ gets to know of every job of this queue. */
export function jobOptionsOf(name: QueueName): JobsOptions {
  const { attempts, keepCompleted, keepFailed, defaultPriority } = definitionOf(name);
  // The delay between attempts is computed by the worker, from the settings of its environment.
  return definedFields({
    attempts,
    backoff: { type: 'custom' },
    removeOnComplete: keepCompleted,
    removeOnFail: keepFailed,
    priority: defaultPriority,
  });
}

/** The item that a job works on. */
export function itemOf<N extends QueueName>(name: N, payload: PayloadOf<N>): string {
  return definitionOf(name).item(payload);
}

/** The ids under which a payload is added. */
export function jobIdentityOf<N extends QueueName>(name: N, payload: PayloadOf<N>): JobsOptions {
  const { jobId, deduplicationId } = definitionOf(name);
  return definedFields({
    jobId: jobId?.(payload),
    deduplication: deduplicationId && { id: deduplicationId(payload) },
  });
}

/** The table pairs each name with its own payload, which TypeScript cannot follow through the union. */
function definitionOf<N extends QueueName>(name: N): QueueDefinition<z.ZodType<PayloadOf<N>>> {
  return QUEUES[name] as unknown as QueueDefinition<z.ZodType<PayloadOf<N>>>;
}

function define<S extends z.ZodType>(definition: QueueDefinition<S>): QueueDefinition<S> {
  return definition;
}

function defineStage(stage: Exclude<Stage, 'sync'>, attempts: number) {
  return define({
    payload: stagePayloadSchema,
    item: videoDocumentId,
    jobId: (payload) => stageJobId(stage, payload, payload.round),
    ...DEFAULTS,
    attempts,
  });
}
