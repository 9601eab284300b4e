import { Gauge, type Registry } from 'prom-client';
import { HEALTH_STATES, isUnhealthy } from '../reports/collection/health.ts';
import type { CollectionHealth } from '../reports/collection/read-health.ts';
import type { SnapshotHealth } from '../snapshots/snapshot-health.ts';

/** The figures of document collection. */
export interface CollectionFigures {
  reset(): void;
  set(health: CollectionHealth, snapshots: SnapshotHealth): void;
}

/** Makes the figures of the sources; a source that never ran has no times, a disabled one is neither well nor ill. */
export function createCollectionFigures(register: Registry): CollectionFigures {
  const gauge = (name: string, help: string, ...labelNames: string[]) =>
    new Gauge({ name: `sonotheque_${name}`, help, labelNames, registers: [register] });
  const documents = gauge('source_documents', 'Documents of the source', 'source', 'kind');
  const healthy = gauge('source_healthy', '1 when the documents of the source are fresh', 'source');
  const state = gauge('source_state', '1 for the state the source is in', 'source', 'state');
  const success = gauge(
    'source_last_success_timestamp_seconds',
    'When the source was last collected with success',
    'source',
  );
  const news = gauge(
    'source_last_new_item_timestamp_seconds',
    'When the source last had something new',
    'source',
  );
  const failures = gauge('source_consecutive_failures', 'Failed runs since the last success', 'source');
  const verified = gauge(
    'snapshot_verified_timestamp_seconds',
    'When the newest verified snapshot of the database was begun',
  );
  const all = [documents, healthy, state, success, news, failures];
  return {
    reset: () => {
      for (const metric of all) metric.reset();
      // Without labels it would go back to 0, which would be a lie.
      verified.remove();
    },
    set: (health, snapshots) => {
      if (snapshots.newestVerified !== undefined) {
        verified.set(snapshots.newestVerified.at.getTime() / 1000);
      }
      for (const source of health.sources) {
        const labels = { source: source.id };
        documents.set({ ...labels, kind: source.kind }, source.documents);
        failures.set(labels, source.consecutiveFailures);
        for (const name of HEALTH_STATES) {
          state.set({ ...labels, state: name }, name === source.state ? 1 : 0);
        }
        if (source.state !== 'disabled') healthy.set(labels, isUnhealthy(source.state) ? 0 : 1);
        if (source.lastSuccessAt !== null) success.set(labels, source.lastSuccessAt.getTime() / 1000);
        if (source.lastNewItemAt !== null) news.set(labels, source.lastNewItemAt.getTime() / 1000);
      }
    },
  };
}
