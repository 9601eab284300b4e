import type { Download } from '../../backlog/add-downloads.ts';
import type { RunRequest } from '../../database/run-attempt.ts';
import type { RunCounts } from '../../database/collections/run.ts';
import type { CollectConfig } from '../../config/config.ts';
import type { Database } from '../../database/database.ts';
import type { CollectPayload } from '../../queues/payloads.ts';
import type { HttpClient } from '../../runtime/http-client/http-client.ts';
import type { CollectContext, CollectorKind } from '../collector.ts';
import type { ConfiguredSource } from '../configured-source.ts';

/** The input and the dependencies of one attempt at a run of a source. */
export interface RunContext extends Pick<CollectContext<unknown, unknown>, 'logger' | 'signal' | 'now'> {
  readonly source: ConfiguredSource;
  readonly kind: CollectorKind;
  readonly payload: CollectPayload;
  readonly database: Pick<Database, 'sources' | 'runs' | 'documents' | 'videos'>;
  /** Adds the downloads of its media. */
  readonly addDownloads: (downloads: readonly Download[]) => Promise<void>;
  readonly config: Pick<CollectConfig, 'access'>;
  /** Used by this run only: its `bytesReceived` is counted for the run. */
  readonly http: HttpClient;
  readonly worker: string;
  readonly onProgress?: (counts: RunCounts) => void;
}

export function requestOf({ source, payload, worker }: RunContext): RunRequest {
  return {
    sourceId: source.id,
    kind: source.kind,
    trigger: payload.trigger,
    scheduledFor: new Date(payload.scheduledFor),
    round: payload.round,
    worker,
  };
}
