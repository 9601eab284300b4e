import type { RunRequest } from '../../database/run-attempt.ts';
import type { RunDocument } from '../../database/collections/run.ts';
import type { CollectorKind } from '../../collectors/collector.ts';
import type { ConfiguredSource } from '../../collectors/configured-source.ts';
import { runSource } from '../../collectors/engine/run-source.ts';
import { kindOf } from '../../collectors/kinds.ts';
import type { CollectConfig } from '../../config/config.ts';
import { runId } from '../../database/run-repository.ts';
import { addDownloads } from '../../backlog/add-downloads.ts';
import type { CollectPayload } from '../../queues/payloads.ts';
import type { ClosableHttpClient } from '../../runtime/http-client/create-http-client.ts';
import { PermanentError, toJobError, type JobError } from '../../domain/job-errors.ts';
import type { JobResult } from '../../queues/catalogue.ts';
import type { JobContext, Processor } from '../processor.ts';
import { finishFailedCollect, type CollectFailureDependencies } from './collect-failure.ts';
import { withRecord } from './with-record.ts';

export interface CollectDependencies extends CollectFailureDependencies {
  /** Those of the sources file. */
  readonly sources: readonly ConfiguredSource[];
  readonly kinds: readonly CollectorKind[];
  /** Makes the HTTP client of one run. */
  readonly openHttp: (config: CollectConfig) => ClosableHttpClient;
}

/** Makes the processor that runs a source. */
export function createCollectProcessor(dependencies: CollectDependencies): Processor<'collect'> {
  return {
    process: (payload, context) => withRecord(() => collect(payload, context, dependencies)),
    abandon: (payload, error, context) => withRecord(() => abandon(payload, error, context, dependencies)),
  };
}

async function collect(
  payload: CollectPayload,
  context: JobContext,
  dependencies: CollectDependencies,
): Promise<JobResult> {
  const { database, queues, config, kinds, sources, openHttp } = dependencies;
  const source = sources.find(({ id }) => id === payload.sourceId);
  const kind = source && kindOf(source.kind, kinds);
  if (source === undefined || kind === undefined) {
    const note = 'The source is not in the sources file of the worker that took the job.';
    return resultOf(await skip(payload, note, context, dependencies));
  }
  const http = openHttp(config.collect);
  try {
    const run = await runSource({
      ...{ source, kind, payload, database, http },
      addDownloads: (downloads) =>
        addDownloads(downloads, { list: `source.${source.id}` }, { database, queues }),
      config: config.collect,
      logger: context.logger,
      signal: context.signal,
      worker: context.worker,
      now: () => new Date(),
      onProgress: (counts) => {
        context.reportProgress({ ...counts });
      },
    });
    return resultOf(run);
  } catch (thrown) {
    const error = toJobError(thrown, context.signal);
    throw await finishFailedCollect(payload, error, context, dependencies);
  } finally {
    await http.close();
  }
}

/** Each worker that took the job died: the run ends as failed, and the next slot starts another. */
async function abandon(
  payload: CollectPayload,
  error: JobError,
  context: JobContext,
  dependencies: CollectDependencies,
): Promise<void> {
  const { runs, sources } = dependencies.database;
  const run = await runs.findById(runId(payload.sourceId, new Date(payload.scheduledFor)));
  if (run === undefined) {
    await skip(payload, error.message, context, dependencies);
    return;
  }
  const at = new Date();
  const poison = new PermanentError('poison', error.message, { cause: error });
  const closed = await runs.closeAbandoned(run, poison, at);
  if (!closed?.progress) return;
  const { new: inserted, updated } = closed.counts;
  await sources.recordRunEnd(payload.sourceId, {
    sequence: closed.progress.sequence,
    status: 'failed',
    isFresh: false,
    hasNewItems: inserted + updated > 0,
    at,
  });
}

async function skip(
  payload: CollectPayload,
  note: string,
  { worker }: JobContext,
  { database }: CollectDependencies,
): Promise<RunDocument> {
  const { sourceId, trigger, round, scheduledFor } = payload;
  const { runs, sources } = database;
  const kind = (await sources.findById(sourceId))?.kind ?? 'unknown';
  const request: RunRequest = {
    ...{ sourceId, kind, trigger, round, worker },
    scheduledFor: new Date(scheduledFor),
  };
  const known = await runs.findById(runId(sourceId, request.scheduledFor));
  const given = known && (await runs.giveUp(known, note, new Date()));
  return given ?? (await runs.recordSkipped(request, note, new Date()));
}

function resultOf({ status, counts, note }: RunDocument): JobResult {
  return { outcome: status, ...counts, ...(note ? { note } : {}) };
}
