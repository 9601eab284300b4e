/** One fault or bad input of the catalogue, and where it is proven that the right thing happens. */
export interface FaultRow {
  /** 1 to 38; the numbers never change. */
  readonly number: number;
  readonly fault: string;
  /** How the tests bring it about. */
  readonly injected: string;
  readonly behaviour: string;
  /** Titles of tests (or of rows of `test.each`) as they stand in the source, by file. */
  readonly proofs: Readonly<Record<string, readonly string[]>>;
  /** What of it stands elsewhere, or is not done here, and why. */
  readonly note?: string;
}
