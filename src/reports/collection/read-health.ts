import { disabledReason, type ConfiguredSource } from '../../collectors/configured-source.ts';
import type { SourceDocument } from '../../database/collection-documents.ts';
import type { Database } from '../../database/database.ts';
import {
  byLatestSuccess,
  HEALTH_STATES,
  isUnhealthy,
  evaluateSource,
  type HealthState,
  type EvaluatedSource,
  type SourceHealth,
} from './health.ts';

/** Where the health of the collection is read. */
export interface HealthDependencies {
  readonly database: Database;
  /** What sources.yaml has; undefined where there is no such file: then what the workers registered last counts. */
  readonly configured: readonly ConfiguredSource[] | undefined;
}

/** The health of the whole collection. */
export interface CollectionHealth {
  readonly at: Date;
  readonly healthy: boolean;
  readonly summary: Readonly<Record<HealthState, number>>;
  /** Documents held now, of all sources, also of those that are no longer configured. */
  readonly documents: number;
  /** Every configured source, the latest success first. */
  readonly sources: readonly SourceHealth[];
}

/**
 * Reads the health of every configured source, whether it ever ran or not.
 * @throws TransientError when MongoDB does not answer.
 */
export async function readHealth(
  { database, configured }: HealthDependencies,
  at: Date,
): Promise<CollectionHealth> {
  const [records, totals] = await Promise.all([database.sources.all(), database.documents.totalsBySource()]);
  const known = new Map(records.map((record) => [record._id, record]));
  const sources = await Promise.all(
    (configured?.map(asWritten) ?? records.filter((record) => record.configured).map(asRegistered)).map(
      async (source) => {
        const record = known.get(source.id);
        const lastRun = await database.runOverview.latestOf(source.id);
        return evaluateSource(
          source,
          {
            documents: totals.get(source.id) ?? 0,
            lastRunAt: record?.last_run_at ?? undefined,
            lastSuccessAt: record?.last_success_at ?? undefined,
            lastNewItemAt: record?.last_new_item_at ?? undefined,
            consecutiveFailures: record?.consecutive_failures ?? 0,
            lastRun: lastRun && {
              status: lastRun.status,
              message: lastRun.error?.message,
              advice: lastRun.error?.advice,
            },
          },
          at,
        );
      },
    ),
  );
  return {
    at,
    healthy: !sources.some(({ state }) => isUnhealthy(state)),
    summary: Object.fromEntries(
      HEALTH_STATES.map((state) => [state, sources.filter((source) => source.state === state).length]),
    ) as Record<HealthState, number>,
    documents: [...totals.values()].reduce((sum, count) => sum + count, 0),
    sources: sources.sort(byLatestSuccess),
  };
}

function asWritten(source: ConfiguredSource): EvaluatedSource {
  return { ...source, disabledReason: disabledReason(source) };
}

function asRegistered(record: SourceDocument): EvaluatedSource {
  return {
    id: record._id,
    kind: record.kind,
    label: record.label,
    schedule: { pattern: record.schedule.pattern, timeZone: record.schedule.time_zone },
    freshness: {
      warnAfterMs: record.freshness.warn_after_ms,
      errorAfterMs: record.freshness.error_after_ms,
    },
    disabledReason: record.disabled_reason ?? undefined,
  };
}
