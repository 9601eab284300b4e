import { videoDocumentId } from '../domain/video-key.ts';
import type { ReservationLedger, StagedSize, StagingTotals } from './reservations.ts';
import type { Staging } from './staging.ts';

/** What is staged, as the ledger counts it, and measured now and then, since a crash may leave something uncounted. */
export class CountedStaging {
  readonly ledger: ReservationLedger;
  readonly #staging: Pick<Staging, 'listSizes'>;
  #measuring: Promise<void> | undefined;

  constructor(ledger: ReservationLedger, staging: Pick<Staging, 'listSizes'>) {
    this.ledger = ledger;
    this.#staging = staging;
  }

  /**
   * @param maxAgeMs staging is measured first when the last measurement is older, unless another worker has just begun to.
   * @param disk see `ReservationLedger.read`
   */
  async totals(maxAgeMs: number, disk?: string): Promise<StagingTotals> {
    const totals = await this.ledger.read(disk);
    if (totals.measuredAgeMs <= maxAgeMs) return totals;
    // What was never measured is not known at all.
    const isKnown = totals.measuredAgeMs < Infinity;
    if (this.#measuring === undefined && isKnown && !(await this.ledger.claimMeasurement())) return totals;
    this.#measuring ??= this.#measure(totals.nowMs).finally(() => {
      this.#measuring = undefined;
    });
    await this.#measuring;
    return await this.ledger.read(disk);
  }

  async #measure(startedAtMs: number): Promise<void> {
    const found: StagedSize[] = [];
    for await (const { key, sizeBytes } of this.#staging.listSizes()) {
      found.push({ id: videoDocumentId(key), sizeBytes });
    }
    await this.ledger.noteMeasured(startedAtMs, found);
  }
}
