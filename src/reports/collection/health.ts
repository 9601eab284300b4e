import type { RunStatus } from '../../database/collections/run.ts';
import { nextTick, type CronSchedule } from '../../config/cron.ts';

/**
 * The state of a source. `ok`, `warning` and `stale` compare the age of the last success with the source's limits;
 * `failing`: the last runs failed although the data is not old yet; `never`: enabled, but never collected successfully.
 */
export const HEALTH_STATES = ['ok', 'warning', 'failing', 'stale', 'never', 'disabled'] as const;
export type HealthState = (typeof HEALTH_STATES)[number];

/** The states in people's words. */
export const HEALTH_LABELS = {
  ok: 'ok',
  warning: 'late',
  failing: 'failing',
  stale: 'stale',
  never: 'never collected',
  disabled: 'disabled',
} as const satisfies Record<HealthState, string>;

/** The configuration of a source, as far as its health depends on it. */
export interface EvaluatedSource {
  readonly id: string;
  readonly kind: string;
  readonly label: string;
  readonly schedule: CronSchedule;
  readonly freshness: { readonly warnAfterMs: number; readonly errorAfterMs: number };
  /** Why it is not collected, such as `missing OWM_API_KEY`; undefined when it is enabled. */
  readonly disabledReason: string | undefined;
}

/** What the database has about a source. */
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
export type SourceHealth = ReturnType<typeof evaluateSource>;

/** Runs in a row that must fail before a source with fresh data counts as failing: one failure is usual, and is retried. */
const MIN_FAILURES = 2;
const HOUR_MS = 3_600_000;

/** Evaluates one source by what was collected, not by what BullMQ has of its schedule. */
export function evaluateSource(source: EvaluatedSource, record: SourceRecord, at: Date) {
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

/** Whether the state needs a person's attention. */
export function isUnhealthy(state: HealthState): boolean {
  return state === 'failing' || state === 'stale' || state === 'never';
}

/** Orders sources by their latest success, newest first, then those that never had one. */
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
  if (record.consecutiveFailures >= MIN_FAILURES) return { state: 'failing', reason: failure ?? null };
  if (ageMs > warnAfterMs) return { state: 'warning', reason: failure ?? lateReason(warnAfterMs) };
  return { state: 'ok', reason: null };
}

function failureOf({ lastRun }: SourceRecord): string | undefined {
  if (lastRun?.status !== 'failed') return undefined;
  return [lastRun.message, lastRun.advice].filter((part) => part !== undefined).join(' ') || undefined;
}

function lateReason(limitMs: number): string {
  return `No success for more than ${String(limitMs / HOUR_MS)} h: check that workers are running.`;
}
