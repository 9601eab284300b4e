import type { RunDocument, RunTally } from '../../database/collection-documents.ts';
import type { NewDocument, WritingStep } from '../../database/document-repository.ts';
import type { DiscoveredVideo } from '../../database/discovered-video.ts';
import { InterruptedError, type AnyJobError } from '../../domain/job-errors.ts';
import { parseVideoKey } from '../../domain/video-key.ts';
import type { Checkpoint, FoundDocument, FoundMedia } from '../collector.ts';
import type { BegunRun } from './begin-run.ts';
import { writableState } from './field-names.ts';
import type { RunSourceOptions } from './run-options.ts';
import { Tally } from './run-tally.ts';
import type { RunEvaluation } from './evaluate-run.ts';
import { storedDocument } from './stored-document.ts';

const BATCH_SIZE = 500;
/** Characters of text that wait for their batch. */
const BATCH_CHARACTERS = 8 * 1024 ** 2;

/**
 * Writes what one attempt of a run finds, always in this order: documents, media and their jobs, the run's record
 * (by its owner only), the source's state (from the expected version only). The process may die between any two.
 *
 * **Why the counts are exact.** An attempt works in steps: a step ends with a checkpoint of the run's record, which
 * adds the step's counts and raises the number of the step in one atomic write. Each inserted document carries the
 * step that inserted it. A new attempt begins with a new step and puts the one under way on the run's list of lost
 * steps, so a number belongs to one attempt, and it is either counted (a checkpoint ended it) or lost. When a document
 * is found that exists already, there are three cases:
 *
 * - Another run inserted it, or a counted step of this one: a duplicate.
 * - The present step did: it was counted when it was inserted, so this is a duplicate.
 * - A lost step of this run did: it was inserted and is in no count. It is marked with the present step and counts as
 *   new (or updated), as if inserted now. Should this step get lost too, the next attempt finds it on the list.
 *
 * An attempt that lost its run and does not know it writes with a lost step, and can end none: what it inserts is
 * counted by the owner, who can take from all lost steps and from whom nobody can take. What lost steps inserted
 * and was not found again (it vanished at the source) is counted when the attempt ends. Rejected items, duplicates and
 * parts of a lost step were never in the record, and are counted when they come again. A failed attempt shows what it
 * counted, but leaves the tally of its last checkpoint beside it, from which the next goes on; its step is lost, too.
 * So the credits of a run are kept in the documents and need no memory here. Only `media` may be too low
 * after a crash: a video that was recorded and not counted is known by then.
 */
export class RunWriter {
  readonly tally: Tally;
  readonly #options: RunSourceOptions;
  readonly #run: BegunRun['run'];
  readonly #owner: string;
  #step: number;
  #stateVersion: number;
  /** As of the last checkpoint. */
  #counted: RunTally;
  readonly #bytesAtStart: number;
  #documents: NewDocument[] = [];
  #characters = 0;
  #media = new Map<string, DiscoveredVideo>();

  constructor(options: RunSourceOptions, begun: BegunRun) {
    this.#options = options;
    this.#run = begun.run;
    this.#owner = begun.owner;
    this.#step = begun.run.progress.step;
    this.#stateVersion = begun.stateVersion;
    this.tally = new Tally(begun.run);
    this.#counted = this.tally.snapshot();
    this.#bytesAtStart = options.http.bytesReceived;
  }

  /** Whether the run has as many new and changed documents as it may. */
  get isFull(): boolean {
    return this.#room <= 0;
  }

  async addDocument(found: FoundDocument): Promise<void> {
    const { source, now } = this.#options;
    const stored = storedDocument(found, { source, runId: this.#run._id, now: now() });
    if ('type' in stored) {
      this.tally.reject(stored);
      return;
    }
    this.#documents.push(stored.document);
    this.#characters += stored.size;
    const isBatch = this.#documents.length >= Math.min(BATCH_SIZE, this.#room);
    if (isBatch || this.#characters >= BATCH_CHARACTERS) await this.flush();
  }

  async addMedia({ videoId, url, title, author, durationSeconds, publishedAt }: FoundMedia): Promise<void> {
    const key = parseVideoKey('http', videoId);
    if (key === undefined || !/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
      this.tally.reject({ reason: 'invalid_media', detail: title ?? videoId });
      return;
    }
    this.#media.set(videoId, {
      key,
      url,
      ...(title === undefined ? {} : { title }),
      ...(author === undefined ? {} : { author }),
      ...(durationSeconds === undefined ? {} : { durationSeconds }),
      ...(publishedAt === undefined ? {} : { publishedAt }),
    });
    if (this.#media.size >= BATCH_SIZE) await this.flush();
  }

  /** Makes everything found so far durable. */
  async flush(): Promise<void> {
    const { database, queues, onProgress } = this.#options;
    const documents = this.#documents;
    const media = [...this.#media.values()];
    this.#documents = [];
    this.#characters = 0;
    this.#media = new Map();
    for (const outcome of await database.documents.upsertBatch(documents, this.#writingStep)) {
      this.tally.countDocuments(outcome);
    }
    const states = await database.videos.discover(media);
    await queues.addStages(
      'download',
      states.filter(({ status }) => status === 'discovered'),
    );
    this.tally.countMedia(states.filter(({ isNew }) => isNew).length);
    if (documents.length + media.length > 0) onProgress?.(this.tally.counts);
  }

  /**
   * Makes everything durable, then saves the state.
   * @throws InterruptedError when another attempt has the run, or another run has changed the state.
   */
  async checkpoint(found: Checkpoint<unknown>): Promise<void> {
    await this.flush();
    const state = writableState(found.state);
    const { database, source } = this.#options;
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
      throw new InterruptedError(`Another run of ${source.id} has read on; this one goes on from there.`);
    }
    this.#stateVersion += 1;
  }

  /**
   * Ends the attempt. What was found is durable by then.
   * @throws InterruptedError when another attempt has the run.
   */
  async finish(verdict: RunEvaluation): Promise<RunDocument> {
    const { database, source, now } = this.#options;
    const rest = await database.documents.adoptRest(source.id, this.#writingStep, this.#run.started_at);
    this.tally.countDocuments('new', rest.new);
    this.tally.countDocuments('updated', rest.updated);
    const totalsAfter = await database.documents.totals(source.id);
    const run = await database.runs.finish(this.#run._id, this.#owner, {
      ...this.tally.snapshot(),
      bytes: this.#bytes,
      totalsAfter,
      status: verdict.status,
      at: now(),
      ...(verdict.status === 'failed'
        ? { failure: { error: verdict.error, resumeFrom: this.#counted } }
        : { note: verdict.note }),
    });
    if (run === undefined) throw lostRun();
    return run;
  }

  get #bytes(): number {
    return this.#run.bytes + this.#options.http.bytesReceived - this.#bytesAtStart;
  }

  get #room(): number {
    const { new: added, updated } = this.tally.counts;
    return (this.#options.source.maxItemsPerRun ?? Infinity) - added - updated;
  }

  get #writingStep(): WritingStep {
    const { _id: runId, progress } = this.#run;
    return { runId, step: this.#step, lostSteps: progress.lost_steps };
  }
}

function lostRun(): AnyJobError {
  return new InterruptedError('Another worker has taken this run over.');
}
