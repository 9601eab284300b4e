import type { RunDocument } from '../../database/collection-documents.ts';
import { interruptionOf } from '../../runtime/deadline.ts';
import { PermanentError, toError, toJobError, type AnyJobError } from '../../domain/job-errors.ts';
import type { CollectorKind, Found } from '../collector.ts';
import { registrationOf, type ConfiguredSource } from '../configured-source.ts';
import { beginRun, type BegunRun } from './begin-run.ts';
import { readableState } from './field-names.ts';
import type { RunSourceOptions } from './run-options.ts';
import { evaluateRun, type RunEvaluation } from './evaluate-run.ts';
import { RunWriter } from './run-writer.ts';

/**
 * Makes one attempt at a run of a source: reads it through its kind and keeps time, state, deduplication, counts and
 * history; see RunWriter for the order of the writes. Safe to repeat: a run that has ended is not made again, and one
 * that was left in the middle goes on from its last checkpoint.
 * @returns the record of the run as it ended (`success`, `partial`), or why there was nothing to do (`skipped`, or as
 *   another attempt left it).
 * @throws JobError when it failed; the record says so by then and another attempt may go on. InterruptedError on a
 *   shutdown and when another attempt has taken the run over: nothing is recorded of that.
 */
export async function runSource(options: RunSourceOptions): Promise<RunDocument> {
  const { source, database, logger, now } = options;
  await database.sources.register(registrationOf(source), now());
  const begun = await beginRun(options);
  if ('closed' in begun) {
    await settle(options, begun.closed);
    return begun.closed;
  }
  await database.sources.recordRunBegin(source.id, now());
  const writer = new RunWriter(options, begun);
  let verdict: RunEvaluation;
  try {
    const isCut = await collect(options, begun, writer);
    await writer.flush();
    verdict = evaluateRun(writer.tally, source, { isCut });
  } catch (thrown) {
    verdict = { status: 'failed', error: toJobError(thrown, options.signal) };
    if (verdict.error.outcome === 'interrupted') throw verdict.error;
    await keepRest(writer, options, verdict.error);
  }
  const run = await writer.finish(verdict).catch((thrown: unknown) => {
    const error = toJobError(thrown, options.signal);
    if (verdict.status !== 'failed' || error.outcome === 'interrupted') throw error;
    logger.warn({ err: error, run: begun.run._id }, 'the end of a failed run could not be recorded');
    throw verdict.error;
  });
  const isFresh = verdict.status === 'failed' || verdict.isFresh;
  await recordEnd(options, run, run.finished_at ?? now(), isFresh);
  logger.info({ run: run._id, status: run.status, ...run.counts }, 'run of a source ended');
  if (verdict.status === 'failed') throw verdict.error;
  return run;
}

/** @returns whether it was ended before the source was. */
async function collect(
  { source, kind, config, http, logger, signal, now }: RunSourceOptions,
  begun: BegunRun,
  writer: RunWriter,
): Promise<boolean> {
  checkSettings(source, kind);
  const { settings } = source;
  const state = readableState(begun.state ?? undefined);
  const items = kind.collect({ settings, state, access: config.access, http, logger, signal, now });
  for await (const found of items) {
    if (signal.aborted) throw interruptionOf(signal);
    if (found.type === 'document' && writer.isFull) return true;
    await take(found, writer);
  }
  if (signal.aborted) throw interruptionOf(signal);
  return false;
}

async function take(found: Found, writer: RunWriter): Promise<void> {
  switch (found.type) {
    case 'document':
      await writer.addDocument(found);
      break;
    case 'media':
      await writer.addMedia(found);
      break;
    case 'rejected':
      writer.tally.reject(found);
      break;
    case 'part':
      writer.tally.addPart(found);
      break;
    case 'checkpoint':
      await writer.checkpoint(found);
      break;
  }
}

/** What was found before the failure is worth keeping; when that fails, the first failure tells more. */
async function keepRest(writer: RunWriter, { logger }: RunSourceOptions, error: AnyJobError): Promise<void> {
  try {
    await writer.flush();
  } catch (second) {
    logger.warn({ err: toError(second), after: error.message }, 'the rest of a run could not be kept');
  }
}

/** @throws PermanentError when the kind does not take them: they were read by another version of the program. */
function checkSettings(source: ConfiguredSource, kind: CollectorKind): void {
  const parsed = kind.settingsSchema.safeParse(source.settings);
  if (parsed.success) return;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`.trim());
  throw new PermanentError(
    'source_settings',
    `The settings of ${source.id} cannot be used: ${problems.join('; ')}.`,
  );
}

/** A run may have ended without a word to its source; nothing is said once a later run has begun. */
async function settle(options: RunSourceOptions, run: RunDocument): Promise<void> {
  const source = await options.database.sources.find(run.source_id);
  if (source?.runs_begun !== run.progress?.sequence) return;
  await recordEnd(options, run, run.finished_at ?? options.now());
}

/** Tells the source of its run; safe to repeat. */
async function recordEnd(
  { source, database }: RunSourceOptions,
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
