import type { AlertChange } from '../alerts/alert.ts';
import { unreachableServer } from '../alerts/conditions.ts';
import { alertNotice, formatNotice } from '../alerts/formats.ts';
import { postToWebhook } from '../alerts/webhook.ts';
import type { Config } from '../config/config.ts';
import type { Database } from '../database/database.ts';
import { toError, toJobError, type JobError } from '../domain/job-errors.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import type { Logger } from '../runtime/logger.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { repeat } from '../runtime/repeat.ts';
import { createAlertTask } from './processors/alert-task.ts';

const CHECK_EVERY_MS = 60_000;
/** Checks in a row that must fail: a Redis that restarts is no problem. */
const MIN_FAILURES = 2;

export interface WatchDependencies {
  readonly config: Pick<Config, 'alerts' | 'azure' | 'redis'>;
  readonly queues: JobQueues;
  readonly store: ObjectStore;
  readonly mirror: ObjectStore | undefined;
  /** Undefined until it was opened. */
  readonly database: () => Database | undefined;
  readonly logger: Logger;
  /** Aborted when the worker stops: its own connections end then. */
  readonly stop: AbortSignal;
}

/**
 * Sends alerts while a server is away. A timer does it, because the usual evaluation of alerts is a job, and no job is
 * taken without Redis and MongoDB.
 */
export function watchServers(
  dependencies: WatchDependencies,
  everyMs = CHECK_EVERY_MS,
): { close(): Promise<void> } {
  const { config, queues, store, mirror, database, logger } = dependencies;
  const { webhook } = config.alerts;
  if (webhook === undefined) return { close: () => Promise.resolve() };
  const closed = new AbortController();
  const signal = AbortSignal.any([dependencies.stop, closed.signal]);
  let failures = 0;
  /** Kept here, since Redis has the other alerts: each worker process sends this one once. */
  let sent: AlertChange['alert'] | undefined;

  const send = async (change: AlertChange) => {
    await postToWebhook(webhook.url, formatNotice(webhook.format, alertNotice(change)), { signal });
    sent = change.event === 'firing' ? change.alert : undefined;
    logger.info({ alert: change.alert.key, event: change.event }, 'Alert delivered');
  };
  const check = async () => {
    if (signal.aborted) return;
    const at = new Date();
    const redisFailure = await failureOf(() => queues.ping());
    if (redisFailure !== undefined) {
      failures += 1;
      if (sent === undefined && failures >= MIN_FAILURES) {
        await send({ event: 'firing', alert: unreachableServer('Redis', redisFailure, at), at });
      }
      return;
    }
    failures = 0;
    if (sent !== undefined) await send({ event: 'resolved', alert: sent, at });
    const opened = database();
    if (opened === undefined || (await failureOf(() => opened.ping())) !== undefined) {
      await createAlertTask({ config, queues, store, mirror, database: opened })({ signal, logger });
    }
  };

  const stopChecks = repeat(check, everyMs, (error) => {
    if (!signal.aborted) logger.warn({ err: toError(error) }, 'An alert about a server could not be sent');
  });
  return {
    close: async () => {
      closed.abort();
      await stopChecks();
    },
  };
}

async function failureOf(check: () => Promise<void>): Promise<JobError | undefined> {
  try {
    await check();
    return undefined;
  } catch (error) {
    return toJobError(error);
  }
}
