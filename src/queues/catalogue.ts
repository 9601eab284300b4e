import {
  collectPayloadSchema,
  maintenancePayloadSchema,
  playlistPayloadSchema,
  retryPayloadSchema,
  stagePayloadSchema,
} from './payloads.ts';
import type { z } from 'zod';

const DAY_SECONDS = 24 * 3600;
/** A failed job stays to be looked at for longer than the longest way through the retry queue (8 × 6 h). */
const FAILED_RETENTION = { age: 14 * DAY_SECONDS, count: 50_000 };
const COMPLETED_RETENTION = { age: DAY_SECONDS, count: 5_000 };

/**
 * Every queue, its payload and its policy. Queues, workers, dashboard and commands all derive from this table;
 * a worker process refuses to start when an entry has no processor.
 *
 * `attempts`: tries within the queue; `baseDelayFactor` scales ATTEMPT_DELAY_SECONDS.
 * `maxStalledCount`: how often a job may lose its worker and be started again; the next loss gives it up. A worker
 * that is stopped and not killed puts its jobs back, which does not count.
 */
export const QUEUES = {
  playlist: {
    payload: playlistPayloadSchema,
    attempts: 3,
    maxStalledCount: 3,
    completed: COMPLETED_RETENTION,
    failed: FAILED_RETENTION,
  },
  download: {
    payload: stagePayloadSchema,
    attempts: 3,
    maxStalledCount: 3,
    completed: COMPLETED_RETENTION,
    failed: FAILED_RETENTION,
  },
  upload: {
    payload: stagePayloadSchema,
    attempts: 4,
    maxStalledCount: 3,
    completed: COMPLETED_RETENTION,
    failed: FAILED_RETENTION,
  },
  sync: {
    payload: stagePayloadSchema,
    attempts: 4,
    maxStalledCount: 3,
    completed: COMPLETED_RETENTION,
    failed: FAILED_RETENTION,
  },
  retry: {
    payload: retryPayloadSchema,
    attempts: 10,
    maxStalledCount: 10,
    completed: COMPLETED_RETENTION,
    failed: FAILED_RETENTION,
  },
  collect: {
    payload: collectPayloadSchema,
    attempts: 3,
    maxStalledCount: 3,
    completed: COMPLETED_RETENTION,
    failed: FAILED_RETENTION,
  },
  maintenance: {
    payload: maintenancePayloadSchema,
    attempts: 2,
    maxStalledCount: 2,
    completed: { age: DAY_SECONDS, count: 100 },
    failed: { age: 14 * DAY_SECONDS, count: 500 },
  },
} as const satisfies Record<string, QueuePolicy>;

interface QueuePolicy {
  readonly payload: z.ZodType;
  readonly attempts: number;
  readonly maxStalledCount: number;
  readonly completed: { readonly age: number; readonly count: number };
  readonly failed: { readonly age: number; readonly count: number };
}

/** The name of a queue. */
export type QueueName = keyof typeof QUEUES;
/** What a job of this queue carries. */
export type PayloadOf<N extends QueueName> = z.output<(typeof QUEUES)[N]['payload']>;

/** All queue names, in the order of a video's way. */
export const QUEUE_NAMES = Object.keys(QUEUES) as readonly QueueName[];

/** Whether a text from outside names a queue. */
export function isQueueName(text: string): text is QueueName {
  return Object.hasOwn(QUEUES, text);
}

/** The short plain result of a job, shown by the dashboard. */
export type JobResult = Readonly<Record<string, string | number | boolean>>;
