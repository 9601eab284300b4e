import type { RunDocument } from '../../database/collections/run.ts';
import type { NewDocument, WritingStep } from '../../database/document-repository.ts';
import type { DiscoveredVideo } from '../../database/discovered-video.ts';
import { InterruptedError, type AnyJobError } from '../../domain/job-errors.ts';
import { parseVideoKey } from '../../domain/video-key.ts';
import type { Checkpoint, DocumentItem, MediaItem } from '../collector.ts';
import { parseWebUrl } from '../canonical-form.ts';
import type { RunEvaluation } from './evaluate-run.ts';
import { encodeState } from './field-names.ts';
import type { RunContext } from './run-context.ts';
import { createTally } from './run-tally.ts';
import type { StartedRun } from './start-run.ts';
import { storedDocument } from './stored-document.ts';

const BATCH_SIZE = 500;
/** A batch is also written when its documents have this many characters. */
const MAX_BATCH_CHARACTERS = 8 * 1024 ** 2;

/**
 * Stores what one attempt of a run collects, always in this order: documents, media and their jobs, the run's record
 * (only as its owner), the source's state (only from the expected version). The process may die between any two.
 *
 * **Why the counts are exact.** An attempt works in steps. A step ends with a checkpoint of the run's record, which in
 * one atomic write adds the counts of the step and increments the step number. Each inserted document stores the step
 * that inserted it. A new attempt begins with a new step and adds the unfinished one to the run's list of lost steps.
 * So a step belongs to one attempt, and it is either counted (by a checkpoint) or lost. When a document already
 * exists, there are three cases:
 *
 * - Another run or a counted step of this run inserted it: it is a duplicate.
 * - The current step inserted it: it was counted at that moment, so it is a duplicate.
 * - A lost step of this run inserted it: it is not in any count. It is marked with the current step and counts as new
 *   (or updated), as if inserted now. If the current step is lost as well, the next attempt does the same.
 *
 * An attempt that has lost its run without knowing it writes with a lost step and cannot make a checkpoint: what it
 * inserts is counted by the owner, which can adopt documents of all lost steps and from which no one can adopt any.
 * Documents of lost steps that the source no longer has are counted when the attempt ends. Rejected items, duplicates
 * and parts of a lost step were never in the record and are counted when they come again. A failed attempt records its
 * counts together with the tally of its last checkpoint, from which the next attempt continues; its step is lost too.
 * All of this is stored in the documents and needs no memory here. Only `media` may be too low after a crash, because
 * a video that was recorded but not counted is then already known.
 */
export function createRunWriter(context: RunContext, { run, owner, stateVersion: firstVersion }: StartedRun) {
  const { addDownloads, database, source, http, now, onProgress } = context;
  const { maxItemsPerRun = Infinity } = source;
  const tally = createTally(run);
  const bytesAtStart = http.bytesReceived;
  let { step } = run.progress;
  let stateVersion = firstVersion;
  let tallyAtCheckpoint = tally.snapshot();
  let documents: NewDocument[] = [];
  let characters = 0;
  let media = new Map<string, DiscoveredVideo>();

  const receivedBytes = () => run.bytes + http.bytesReceived - bytesAtStart;
  const remainingItems = () => maxItemsPerRun - tally.counts.new - tally.counts.updated;
  const writingStep = (): WritingStep => ({ runId: run._id, step, lostSteps: run.progress.lost_steps });

  async function addDocument(item: DocumentItem): Promise<void> {
    const stored = storedDocument(item, { source, runId: run._id, now: now() });
    if ('type' in stored) {
      tally.reject(stored);
      return;
    }
    if (item.dateProblem !== undefined) tally.countDateProblem(item.dateProblem);
    documents.push(stored.document);
    characters += stored.size;
    const isBatch = documents.length >= Math.min(BATCH_SIZE, remainingItems());
    if (isBatch || characters >= MAX_BATCH_CHARACTERS) await flush();
  }

  async function addMedia(item: MediaItem): Promise<void> {
    const { type: _type, videoId, ...fields } = item;
    const key = parseVideoKey('http', videoId);
    if (key === undefined || parseWebUrl(item.url) === undefined) {
      tally.reject({ reason: 'invalid_media', detail: item.title ?? videoId });
      return;
    }
    media.set(videoId, { key, ...fields });
    if (media.size >= BATCH_SIZE) await flush();
  }

  /** Stores everything collected so far. */
  async function flush(): Promise<void> {
    const batch = documents;
    const videos = [...media.values()];
    documents = [];
    characters = 0;
    media = new Map();
    for (const outcome of await database.documents.upsertBatch(batch, writingStep())) {
      tally.countDocuments(outcome);
    }
    const states = await database.videos.discover(videos);
    const discovered = states.filter(({ status }) => status === 'discovered');
    await addDownloads(discovered);
    tally.countMedia(states.filter(({ isNew }) => isNew).length);
    if (batch.length + videos.length > 0) onProgress?.(tally.counts);
  }

  /**
   * Stores everything collected so far, then the state.
   * @throws InterruptedError when another attempt owns the run, or another run has changed the state.
   */
  async function checkpoint(item: Checkpoint<unknown>): Promise<void> {
    await flush();
    const state = encodeState(item.state);
    const current = tally.snapshot();
    const progress = { bytes: receivedBytes(), step, state, stateVersion: stateVersion + 1 };
    if (!(await database.runs.checkpoint(run._id, owner, { ...current, ...progress }))) throw lostRun();
    step += 1;
    tallyAtCheckpoint = current;
    if (!(await database.sources.saveState(source.id, stateVersion, state))) {
      throw new InterruptedError(
        `Another run of ${source.id} has changed its state; this run continues from there.`,
      );
    }
    stateVersion += 1;
  }

  /**
   * Ends the attempt; call it after `flush`.
   * @throws InterruptedError when another attempt owns the run.
   */
  async function finish(evaluation: RunEvaluation): Promise<RunDocument> {
    const rest = await database.documents.adoptLostSteps(source.id, writingStep(), run.started_at);
    tally.countDocuments('new', rest.new);
    tally.countDocuments('updated', rest.updated);
    const totalsAfter = await database.documents.totals(source.id);
    const finished = await database.runs.finish(run._id, owner, {
      ...tally.snapshot(),
      bytes: receivedBytes(),
      totalsAfter,
      status: evaluation.status,
      at: now(),
      ...(evaluation.status === 'failed'
        ? { failure: { error: evaluation.error, resumeFrom: tallyAtCheckpoint } }
        : { note: evaluation.note }),
    });
    if (finished === undefined) throw lostRun();
    return finished;
  }

  return {
    tally,
    /** Whether the run has `maxItemsPerRun` new and changed documents. */
    hasReachedLimit: () => remainingItems() <= 0,
    addDocument,
    addMedia,
    flush,
    checkpoint,
    finish,
  };
}

export type RunWriter = ReturnType<typeof createRunWriter>;

function lostRun(): AnyJobError {
  return new InterruptedError('Another worker has taken over this run.');
}
