import type { CollectedDocument } from './collections/document.ts';
import { isDuplicateKey } from './server-errors.ts';
import { Repository } from './repository.ts';

/** A document as it was found, with its fingerprint; the repository adds the revision. */
export type NewDocument = Omit<CollectedDocument, 'revision' | 'run_step'>;

/** The step of a run that writes documents. */
export interface WritingStep {
  readonly runId: string;
  readonly step: number;
  /** Steps of earlier attempts of this run whose documents are in no count yet. */
  readonly lostSteps: readonly number[];
}

/** Whether a document was inserted as a first content, inserted as a further revision of its key, or known already. */
export type DocumentOutcome = 'new' | 'updated' | 'duplicate';

type KnownDocument = Pick<CollectedDocument, '_id' | 'run_id' | 'run_step' | 'revision'>;

/** How far the clocks of the machines of two attempts may differ. */
const CLOCK_MARGIN_MS = 86_400_000;

/** The collected documents: each content once, by its fingerprint. */
export class DocumentRepository extends Repository<CollectedDocument> {
  /**
   * Inserts the documents whose fingerprint is not known yet. Of several documents with one fingerprint the first is
   * kept, within a batch and between sources. New content under a known key of the same source is `updated` and gets the
   * next revision; content that a key had before and has again (A, B, A) is a duplicate: revisions are the different
   * contents, not their sequence.
   *
   * A document that a lost step of the same run inserted counts as inserted by this step: it is marked with this step,
   * so that it is counted once.
   * @returns the outcome of each document, in the order of the batch.
   */
  async upsertBatch(batch: readonly NewDocument[], writer: WritingStep): Promise<DocumentOutcome[]> {
    if (batch.length === 0) return [];
    const ids = batch.map(({ _id }) => _id);
    const found = await this.model
      .find({ _id: { $in: ids } }, { run_id: 1, run_step: 1, revision: 1 })
      .lean<KnownDocument[]>();
    const known = new Map(found.map((row) => [row._id, row]));
    const outcomes = new Map<string, DocumentOutcome>();
    for (const row of await this.#adopt(found, writer)) outcomes.set(row._id, outcomeOf(row));
    const missing = new Map<string, NewDocument>();
    for (const row of batch) if (!known.has(row._id) && !missing.has(row._id)) missing.set(row._id, row);
    const revised = await this.#withRevisions([...missing.values()], writer.step);
    const inserted = await this.#insert(revised);
    for (const row of revised) if (inserted.has(row._id)) outcomes.set(row._id, outcomeOf(row));
    return batch.map(({ _id }) => {
      const outcome = outcomes.get(_id) ?? 'duplicate';
      // A second document with this fingerprint in the batch is a duplicate.
      outcomes.delete(_id);
      return outcome;
    });
  }

  /**
   * Marks with this step the documents that lost steps of the run inserted and that were not found again since.
   * @param startedAt when the run started.
   * @returns how many documents of each outcome the caller has to count.
   */
  async adoptLostSteps(
    sourceId: string,
    writer: WritingStep,
    startedAt: Date,
  ): Promise<{ readonly new: number; readonly updated: number }> {
    if (writer.lostSteps.length === 0) return { new: 0, updated: 0 };
    const lost = {
      source_id: sourceId,
      // So that the index on source and time limits the search.
      first_seen_at: { $gte: new Date(startedAt.getTime() - CLOCK_MARGIN_MS) },
      run_id: writer.runId,
      run_step: { $in: writer.lostSteps },
    };
    const mark = { $set: { run_step: writer.step } };
    const added = await this.model.updateMany({ ...lost, revision: 1 }, mark);
    const updated = await this.model.updateMany(lost, mark);
    return { new: added.modifiedCount, updated: updated.modifiedCount };
  }

  /** All contents that a key has had, oldest first. */
  async revisions(sourceId: string, key: string): Promise<CollectedDocument[]> {
    return await this.model.find({ source_id: sourceId, key }).sort({ revision: 1 }).lean();
  }

  /** How many documents a source has, and all sources together. */
  async totals(sourceId: string): Promise<{ readonly source: number; readonly all: number }> {
    const [source, all] = await Promise.all([
      this.model.countDocuments({ source_id: sourceId }),
      this.model.estimatedDocumentCount(),
    ]);
    return { source, all };
  }

  /** How many documents each source has. */
  async totalsBySource(): Promise<ReadonlyMap<string, number>> {
    const groups = await this.model.aggregate<{ _id: string; count: number }>([
      { $group: { _id: '$source_id', count: { $sum: 1 } } },
    ]);
    return new Map(groups.map(({ _id, count }) => [_id, count]));
  }

  /**
   * Marks with this step the documents that lost steps inserted. Only the owner of the present step knows all lost steps,
   * and its own step is not lost, so afterwards no other attempt can mark these documents.
   */
  async #adopt(known: readonly KnownDocument[], writer: WritingStep): Promise<readonly KnownDocument[]> {
    const lost = known.filter(
      ({ run_id, run_step }) =>
        run_id === writer.runId && run_step !== undefined && writer.lostSteps.includes(run_step),
    );
    if (lost.length === 0) return [];
    await this.model.updateMany(
      { _id: { $in: lost.map(({ _id }) => _id) }, run_id: writer.runId, run_step: { $in: writer.lostSteps } },
      { $set: { run_step: writer.step } },
    );
    return lost;
  }

  async #withRevisions(rows: readonly NewDocument[], step: number): Promise<readonly CollectedDocument[]> {
    const latest = new Map<string, number>();
    const sourceId = rows[0]?.source_id;
    const keys = rows.map(({ key }) => key ?? '').filter((key) => key !== '');
    if (sourceId !== undefined && keys.length > 0) {
      const earlier = await this.model
        .find({ source_id: sourceId, key: { $in: [...new Set(keys)] } }, { key: 1, revision: 1 })
        .lean<Pick<CollectedDocument, '_id' | 'key' | 'revision'>[]>();
      for (const { key, revision } of earlier) {
        latest.set(key ?? '', Math.max(latest.get(key ?? '') ?? 0, revision));
      }
    }
    return rows.map((row) => {
      const key = row.key ?? '';
      if (key === '') return { ...row, revision: 1, run_step: step };
      const revision = (latest.get(key) ?? 0) + 1;
      latest.set(key, revision);
      return { ...row, revision, run_step: step };
    });
  }

  /** @returns the fingerprints that this call inserted; another process may have inserted the others first. */
  async #insert(rows: readonly CollectedDocument[]): Promise<ReadonlySet<string>> {
    if (rows.length === 0) return new Set();
    const operations = rows.map(({ _id, ...fields }) => ({
      updateOne: { filter: { _id }, update: { $setOnInsert: fields }, upsert: true },
    }));
    const upserted = await this.model
      .bulkWrite(operations, { ordered: false })
      .then((result) => result.upsertedIds)
      .catch(upsertedBesideDuplicates);
    return new Set(Object.values(upserted).map(String));
  }
}

function outcomeOf({ revision }: { readonly revision: number }): DocumentOutcome {
  return revision > 1 ? 'updated' : 'new';
}

/** What an unordered bulk write inserted although other processes inserted some of its documents first. */
function upsertedBesideDuplicates(error: unknown): Readonly<Record<number, unknown>> {
  const { result } = error as {
    readonly result?: { readonly upsertedIds?: Readonly<Record<number, unknown>> };
  };
  if (result?.upsertedIds === undefined || !isDuplicateKey(error)) throw error;
  return result.upsertedIds;
}
