import type { SourceDocument } from '../../database/collections/source.ts';
import { disabledReason, type ConfiguredSource } from '../../collectors/configured-source.ts';
import type { Database } from '../../database/database.ts';
import { recordOf } from '../../domain/defined-fields.ts';
import {
  byLatestSuccess,
  HEALTH_STATES,
  isUnhealthy,
  evaluateSource,
  type EvaluatedSource,
} from './health.ts';

export interface HealthDependencies {
  readonly database: Database;
  /** The sources of sources.yaml; undefined where the file is not at hand: those that the workers registered last count. */
  readonly configured: readonly ConfiguredSource[] | undefined;
}

/** The health of all sources, as `npm run health -- --json` prints it. */
export type CollectionHealth = Awaited<ReturnType<typeof readHealth>>;

/**
 * Reads the health of every configured source, also of those that never ran, the latest success first. `documents` are
 * those in the database now, also of sources that are no longer configured.
 * @throws TransientError when MongoDB does not answer.
 */
export async function readHealth({ database, configured }: HealthDependencies, at: Date) {
  const [records, totals] = await Promise.all([database.sources.all(), database.documents.totalsBySource()]);
  const known = new Map(records.map((record) => [record._id, record]));
  const evaluated =
    configured?.map((source) => ({ ...source, disabledReason: disabledReason(source) })) ??
    records.filter((record) => record.configured).map(fromDatabase);
  const sources = await Promise.all(
    evaluated.map(async (source) => {
      const record = known.get(source.id);
      const found = {
        documents: totals.get(source.id) ?? 0,
        lastRunAt: record?.last_run_at ?? undefined,
        lastSuccessAt: record?.last_success_at ?? undefined,
        lastNewItemAt: record?.last_new_item_at ?? undefined,
        consecutiveFailures: record?.consecutive_failures ?? 0,
        lastRun: await database.runOverview.latestOf(source.id),
      };
      return evaluateSource(source, found, at);
    }),
  );
  return {
    at,
    healthy: !sources.some(({ state }) => isUnhealthy(state)),
    summary: recordOf(HEALTH_STATES, (state) => sources.filter((source) => source.state === state).length),
    documents: [...totals.values()].reduce((sum, count) => sum + count, 0),
    sources: sources.sort(byLatestSuccess),
  };
}

function fromDatabase(record: SourceDocument): EvaluatedSource {
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
