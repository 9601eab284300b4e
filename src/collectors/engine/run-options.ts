import type { CollectConfig } from '../../config/config.ts';
import type { RunCounts } from '../../database/collection-documents.ts';
import type { Database } from '../../database/database.ts';
import type { RunRequest } from '../../database/run-repository.ts';
import type { JobQueues } from '../../queues/job-queues.ts';
import type { CollectPayload } from '../../queues/payloads.ts';
import type { HttpClient } from '../../runtime/http-client/http-client.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { CollectorKind } from '../collector.ts';
import type { ConfiguredSource } from '../configured-source.ts';

/** What one attempt at a run of a source works with. */
export interface RunSourceOptions {
  readonly source: ConfiguredSource;
  readonly kind: CollectorKind;
  readonly payload: CollectPayload;
  readonly database: Pick<Database, 'sources' | 'runs' | 'documents' | 'videos'>;
  readonly queues: Pick<JobQueues, 'addStages'>;
  readonly config: Pick<CollectConfig, 'access'>;
  /** Of this run alone: what it received is the run's. */
  readonly http: HttpClient;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** The name of the worker, for the record. */
  readonly worker: string;
  readonly now: () => Date;
  /** Called after each batch. */
  readonly onProgress?: (counts: RunCounts) => void;
}

/** The run that the options are about. */
export function requestOf({ source, payload, worker }: RunSourceOptions): RunRequest {
  return {
    sourceId: source.id,
    kind: source.kind,
    trigger: payload.trigger,
    scheduledFor: new Date(payload.scheduledFor),
    round: payload.round,
    worker,
  };
}
