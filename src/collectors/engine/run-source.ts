import type { RunDocument } from '../../database/collections/run.ts';
import { interruptionOf } from '../../runtime/deadline.ts';
import { PermanentError, toError, toJobError } from '../../domain/job-errors.ts';
import type { CollectorKind, CollectedItem } from '../collector.ts';
import { registrationOf, type ConfiguredSource } from '../configured-source.ts';
import { addressesIn, withRequestSettings } from '../request-settings.ts';
import { startRun, type StartedRun } from './start-run.ts';
import { decodeState } from './field-names.ts';
import type { RunContext } from './run-context.ts';
import { evaluateRun, type RunEvaluation } from './evaluate-run.ts';
import { createRunWriter, type RunWriter } from './run-writer.ts';

/**
 * Makes one attempt at a run of a source: reads it with the collector of its kind, and stores documents, state, counts
 * and history; see createRunWriter for the order of the writes. Safe to repeat: a run that has ended is not repeated, and an
 * unfinished run continues from its last checkpoint.
 * @returns the record of the run with its final status (`success`, `partial`), or of a run with nothing to do
 *   (`skipped`, or the status that another attempt recorded).
 * @throws JobError when the run failed, after the failure was recorded; another attempt may continue. InterruptedError
 *   on a shutdown and when another attempt has taken over the run; neither is recorded.
 */
export async function runSource(context: RunContext): Promise<RunDocument> {
  const { source, database, logger, now } = context;
  await database.sources.register(registrationOf(source), now());
  const started = await startRun(context);
  if ('closed' in started) {
    const { closed } = started;
    // The process may have died between the end of the run and this update. Skipped once a later run began.
    const isLatest = (await database.sources.findById(source.id))?.runs_begun === closed.progress?.sequence;
    if (isLatest) await recordEnd(context, closed, closed.finished_at ?? now());
    return closed;
  }
  await database.sources.recordRunBegin(source.id, now());
  const writer = createRunWriter(context, started);
  let evaluation: RunEvaluation;
  try {
    const reachedLimit = await collect(context, started, writer);
    await writer.flush();
    evaluation = evaluateRun(writer.tally, source, { reachedLimit });
  } catch (thrown) {
    evaluation = { status: 'failed', error: toJobError(thrown, context.signal) };
    if (evaluation.error.outcome === 'interrupted') throw evaluation.error;
    const after = evaluation.error.message;
    // Stores what was collected before the failure. A second error is only logged, because the first one tells more.
    await writer.flush().catch((second: unknown) => {
      logger.warn({ err: toError(second), after }, 'the last items of a failed run could not be stored');
    });
  }
  const run = await writer.finish(evaluation).catch((thrown: unknown) => {
    const error = toJobError(thrown, context.signal);
    if (evaluation.status !== 'failed' || error.outcome === 'interrupted') throw error;
    logger.warn({ err: error, run: started.run._id }, 'the end of a failed run could not be recorded');
    throw evaluation.error;
  });
  const isFresh = evaluation.status === 'failed' || evaluation.isFresh;
  await recordEnd(context, run, run.finished_at ?? now(), isFresh);
  logger.info({ run: run._id, status: run.status, ...run.counts }, 'run of a source ended');
  if (evaluation.status === 'failed') throw evaluation.error;
  return run;
}

/** @returns true when it stopped at `maxItemsPerRun`. */
async function collect(
  { source, kind, config, http, logger, signal, now }: RunContext,
  started: StartedRun,
  writer: RunWriter,
): Promise<boolean> {
  checkSettings(source, kind);
  const { settings, requests = {} } = source;
  const addresses = [...addressesIn(settings), ...addressesIn(config.access)];
  const client = withRequestSettings(http, requests, addresses);
  const state = decodeState(started.state ?? undefined);
  const items = kind.collect({ settings, state, access: config.access, http: client, logger, signal, now });
  for await (const item of items) {
    if (signal.aborted) throw interruptionOf(signal);
    if (item.type === 'document' && writer.hasReachedLimit()) return true;
    await store(item, writer);
  }
  if (signal.aborted) throw interruptionOf(signal);
  return false;
}

async function store(item: CollectedItem, writer: RunWriter): Promise<void> {
  switch (item.type) {
    case 'document':
      await writer.addDocument(item);
      break;
    case 'media':
      await writer.addMedia(item);
      break;
    case 'rejected':
      writer.tally.reject(item);
      break;
    case 'duplicate':
      writer.tally.countDocuments('duplicate');
      break;
    case 'part':
      writer.tally.addPart(item);
      break;
    case 'checkpoint':
      await writer.checkpoint(item);
      break;
  }
}

/** @throws PermanentError when the settings are invalid: another version of the program may have accepted them. */
function checkSettings(source: ConfiguredSource, kind: CollectorKind): void {
  const parsed = kind.settingsSchema.safeParse(source.settings);
  if (parsed.success) return;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`.trim());
  const message = `The settings of ${source.id} are invalid: ${problems.join('; ')}.`;
  throw new PermanentError('source_settings', message);
}

/** Updates the record of the source; safe to repeat. */
async function recordEnd(
  { source, database }: RunContext,
  run: RunDocument,
  at: Date,
  isFresh = run.status === 'success',
): Promise<void> {
  const { status, progress, counts } = run;
  if (status === 'running' || status === 'skipped' || !progress) return;
  await database.sources.recordRunEnd(source.id, {
    sequence: progress.sequence,
    status,
    isFresh,
    hasNewItems: counts.new + counts.updated > 0,
    at,
  });
}
