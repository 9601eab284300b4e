/** One fault or invalid input of the catalogue, and the tests that prove the required behaviour. */
export interface FaultRow {
  /** 1 to 38; the numbers never change. */
  readonly number: number;
  readonly fault: string;
  /** How the tests inject it. */
  readonly injected: string;
  readonly behaviour: string;
  /** Titles of tests (or of rows of `test.each`) as they stand in the source, by file. */
  readonly proofs: Readonly<Record<string, readonly string[]>>;
  /** What is tested elsewhere or not at all, and why. */
  readonly note?: string;
}
