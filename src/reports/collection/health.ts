import type { CronSchedule } from '../../config/cron.ts';
import { nextTick } from '../../config/cron.ts';
import type { RunStatus } from '../../database/collection-documents.ts';

/**
 * How a source stands. `ok`, `warning` and `stale` compare the age of the last success with the source's limits;
 * `failing`: the last runs failed although the data is not old yet; `never`: enabled, and never collected with success.
 */
export const HEALTH_STATES = ['ok', 'warning', 'failing', 'stale', 'never', 'disabled'] as const;
export type HealthState = (typeof HEALTH_STATES)[number];

/** What is expected of a source. */
export interface EvaluatedSource {
  readonly id: string;
  readonly kind: string;
  readonly label: string;
  readonly schedule: CronSchedule;
  readonly freshness: { readonly warnAfterMs: number; readonly errorAfterMs: number };
  /** Why it is not collected: `missing OWM_API_KEY`, or that it is switched off. */
  readonly disabledReason: string | undefined;
}

/** What the record knows of a source; nothing of it exists before the first run. */
export interface SourceRecord {
  readonly documents: number;
  readonly lastRunAt: Date | undefined;
  readonly lastSuccessAt: Date | undefined;
  readonly lastNewItemAt: Date | undefined;
  readonly consecutiveFailures: number;
  readonly lastRun:
    | {
        readonly status: RunStatus;
        readonly message: string | undefined;
        readonly advice: string | undefined;
      }
    | undefined;
}

/** The health of one source; null where something is not known or does not apply. */
export interface SourceHealth {
  readonly id: string;
  readonly kind: string;
  readonly label: string;
  readonly state: HealthState;
  /** In plain words, for any state but `ok`. */
  readonly reason: string | null;
  readonly documents: number;
  readonly lastRunAt: Date | null;
  readonly lastRunStatus: RunStatus | null;
  readonly lastSuccessAt: Date | null;
  readonly lastNewItemAt: Date | null;
  readonly nextRunAt: Date | null;
  readonly warnAfterHours: number;
  readonly errorAfterHours: number;
  readonly consecutiveFailures: number;
}

/** So many runs in a row must fail before fresh data counts as failing: one is not unusual, and is retried. */
const FAILURES_THAT_COUNT = 2;
const HOUR_MS = 3_600_000;

/** Judges one source. What BullMQ believes of its schedule plays no part: only what was collected does. */
export function evaluateSource(source: EvaluatedSource, record: SourceRecord, at: Date): SourceHealth {
  const { state, reason } = stateOf(source, record, at);
  return {
    id: source.id,
    kind: source.kind,
    label: source.label,
    state,
    reason,
    documents: record.documents,
    lastRunAt: record.lastRunAt ?? null,
    lastRunStatus: record.lastRun?.status ?? null,
    lastSuccessAt: record.lastSuccessAt ?? null,
    lastNewItemAt: record.lastNewItemAt ?? null,
    nextRunAt: source.disabledReason === undefined ? nextTick(source.schedule, at) : null,
    warnAfterHours: source.freshness.warnAfterMs / HOUR_MS,
    errorAfterHours: source.freshness.errorAfterMs / HOUR_MS,
    consecutiveFailures: record.consecutiveFailures,
  };
}

/** Whether a person should look: everything that is enabled and neither fresh nor merely late. */
export function isUnhealthy(state: HealthState): boolean {
  switch (state) {
    case 'ok':
    case 'warning':
    case 'disabled':
      return false;
    case 'failing':
    case 'stale':
    case 'never':
      return true;
  }
}

/** Orders sources as a person reads them: the latest success first, then those that never had one. */
export function byLatestSuccess(first: SourceHealth, second: SourceHealth): number {
  const time = ({ lastSuccessAt }: SourceHealth) => lastSuccessAt?.getTime() ?? -Infinity;
  return time(first) === time(second) ? first.id.localeCompare(second.id) : time(second) - time(first);
}

function stateOf(
  source: EvaluatedSource,
  record: SourceRecord,
  at: Date,
): { readonly state: HealthState; readonly reason: string | null } {
  if (source.disabledReason !== undefined) return { state: 'disabled', reason: source.disabledReason };
  const failure = failureOf(record);
  if (record.lastSuccessAt === undefined) {
    return { state: 'never', reason: failure ?? 'It has never been collected.' };
  }
  const ageMs = at.getTime() - record.lastSuccessAt.getTime();
  const { warnAfterMs, errorAfterMs } = source.freshness;
  if (ageMs > errorAfterMs) {
    return { state: 'stale', reason: failure ?? lateReason(errorAfterMs) };
  }
  if (record.consecutiveFailures >= FAILURES_THAT_COUNT) return { state: 'failing', reason: failure ?? null };
  if (ageMs > warnAfterMs) return { state: 'warning', reason: failure ?? lateReason(warnAfterMs) };
  return { state: 'ok', reason: null };
}

function failureOf({ lastRun }: SourceRecord): string | undefined {
  if (lastRun?.status !== 'failed') return undefined;
  return [lastRun.message, lastRun.advice].filter((part) => part !== undefined).join(' ') || undefined;
}

function lateReason(limitMs: number): string {
  return `No success for more than ${String(limitMs / HOUR_MS)} h: look whether workers run.`;
}
