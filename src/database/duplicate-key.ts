/** MongoDB's `DuplicateKey`. */
const DUPLICATE_KEY = 11_000;

/** Whether a write failed because another client had inserted the document, which mostly is as good. */
export function isDuplicateKey(error: unknown): boolean {
  return (error as { code?: unknown }).code === DUPLICATE_KEY;
}
