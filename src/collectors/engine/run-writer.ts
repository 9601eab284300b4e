import type { RunDocument, RunTally } from '../../database/collections/run.ts';
import type { NewDocument, WritingStep } from '../../database/document-repository.ts';
import type { DiscoveredVideo } from '../../database/discovered-video.ts';
import { definedFields } from '../../domain/defined-fields.ts';
import { InterruptedError, type AnyJobError } from '../../domain/job-errors.ts';
import { parseVideoKey } from '../../domain/video-key.ts';
import type { Checkpoint, DocumentItem, MediaItem } from '../collector.ts';
import { parseWebUrl } from '../web-url.ts';
import type { RunEvaluation } from './evaluate-run.ts';
import { encodeState } from './field-names.ts';
import type { RunContext } from './run-context.ts';
import { Tally } from './run-tally.ts';
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
export class RunWriter {
  readonly tally: Tally;
  readonly #context: RunContext;
  readonly #run: StartedRun['run'];
  readonly #owner: string;
  #step: number;
  #stateVersion: number;
  /** The tally of the last checkpoint. */
  #counted: RunTally;
  readonly #bytesAtStart: number;
  #documents: NewDocument[] = [];
  #characters = 0;
  #media = new Map<string, DiscoveredVideo>();

  constructor(context: RunContext, started: StartedRun) {
    this.#context = context;
    this.#run = started.run;
    this.#owner = started.owner;
    this.#step = started.run.progress.step;
    this.#stateVersion = started.stateVersion;
    this.tally = new Tally(started.run);
    this.#counted = this.tally.snapshot();
    this.#bytesAtStart = context.http.bytesReceived;
  }

  /** Whether the run has `maxItemsPerRun` new and changed documents. */
  get hasReachedLimit(): boolean {
    return this.#remainingItems <= 0;
  }

  async addDocument(item: DocumentItem): Promise<void> {
    const { source, now } = this.#context;
    const stored = storedDocument(item, { source, runId: this.#run._id, now: now() });
    if ('type' in stored) {
      this.tally.reject(stored);
      return;
    }
    this.#documents.push(stored.document);
    this.#characters += stored.size;
    const isBatch = this.#documents.length >= Math.min(BATCH_SIZE, this.#remainingItems);
    if (isBatch || this.#characters >= MAX_BATCH_CHARACTERS) await this.flush();
  }

  async addMedia({ videoId, url, title, author, durationSeconds, publishedAt }: MediaItem): Promise<void> {
    const key = parseVideoKey('http', videoId);
    if (key === undefined || parseWebUrl(url) === undefined) {
      this.tally.reject({ reason: 'invalid_media', detail: title ?? videoId });
      return;
    }
    this.#media.set(videoId, definedFields({ key, url, title, author, durationSeconds, publishedAt }));
    if (this.#media.size >= BATCH_SIZE) await this.flush();
  }

  /** Stores everything collected so far. */
  async flush(): Promise<void> {
    const { database, queues, onProgress } = this.#context;
    const documents = this.#documents;
    const media = [...this.#media.values()];
    this.#documents = [];
    this.#characters = 0;
    this.#media = new Map();
    for (const outcome of await database.documents.upsertBatch(documents, this.#writingStep)) {
      this.tally.countDocuments(outcome);
    }
    const states = await database.videos.discover(media);
    const discovered = states.filter(({ status }) => status === 'discovered');
    await queues.addMany(
      'download',
      discovered.map(({ key, round }) => ({ payload: { ...key, round } })),
    );
    this.tally.countMedia(states.filter(({ isNew }) => isNew).length);
    if (documents.length + media.length > 0) onProgress?.(this.tally.counts);
  }

  /**
   * Stores everything collected so far, then the state.
   * @throws InterruptedError when another attempt owns the run, or another run has changed the state.
   */
  async checkpoint(checkpoint: Checkpoint<unknown>): Promise<void> {
    await this.flush();
    const state = encodeState(checkpoint.state);
    const { database, source } = this.#context;
    const tally = this.tally.snapshot();
    const isOwner = await database.runs.checkpoint(this.#run._id, this.#owner, {
      ...tally,
      bytes: this.#bytes,
      step: this.#step,
      state,
      stateVersion: this.#stateVersion + 1,
    });
    if (!isOwner) throw lostRun();
    this.#step += 1;
    this.#counted = tally;
    if (!(await database.sources.saveState(source.id, this.#stateVersion, state))) {
      throw new InterruptedError(
        `Another run of ${source.id} has changed its state; this run continues from there.`,
      );
    }
    this.#stateVersion += 1;
  }

  /**
   * Ends the attempt; call it after `flush`.
   * @throws InterruptedError when another attempt owns the run.
   */
  async finish(evaluation: RunEvaluation): Promise<RunDocument> {
    const { database, source, now } = this.#context;
    const rest = await database.documents.adoptLostSteps(source.id, this.#writingStep, this.#run.started_at);
    this.tally.countDocuments('new', rest.new);
    this.tally.countDocuments('updated', rest.updated);
    const totalsAfter = await database.documents.totals(source.id);
    const run = await database.runs.finish(this.#run._id, this.#owner, {
      ...this.tally.snapshot(),
      bytes: this.#bytes,
      totalsAfter,
      status: evaluation.status,
      at: now(),
      ...(evaluation.status === 'failed'
        ? { failure: { error: evaluation.error, resumeFrom: this.#counted } }
        : { note: evaluation.note }),
    });
    if (run === undefined) throw lostRun();
    return run;
  }

  get #bytes(): number {
    return this.#run.bytes + this.#context.http.bytesReceived - this.#bytesAtStart;
  }

  get #remainingItems(): number {
    const { new: added, updated } = this.tally.counts;
    return (this.#context.source.maxItemsPerRun ?? Infinity) - added - updated;
  }

  get #writingStep(): WritingStep {
    const { _id: runId, progress } = this.#run;
    return { runId, step: this.#step, lostSteps: progress.lost_steps };
  }
}

function lostRun(): AnyJobError {
  return new InterruptedError('Another worker has taken over this run.');
}
