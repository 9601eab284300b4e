/** MongoDB's `DuplicateKey`. */
const DUPLICATE_KEY = 11_000;

interface WriteFailure {
  readonly code?: unknown;
  /** The failed writes of a bulk write, whose own `code` is only that of the first. */
  readonly writeErrors?: WriteFailure | readonly WriteFailure[];
}

/**
 * Whether a write failed only because documents with the same key exist, usually inserted by another process at the same
 * instant. Of a bulk write, whether this is so for each of its failed writes.
 */
export function isDuplicateKey(error: unknown): boolean {
  const failure = error as WriteFailure;
  const failures = [failure.writeErrors ?? []].flat();
  return [failure, ...failures].every(({ code }) => code === DUPLICATE_KEY);
}

/** @returns undefined when the write failed only because the documents exist. */
export async function unlessDuplicateKey<T>(write: PromiseLike<T>): Promise<T | undefined> {
  try {
    return await write;
  } catch (error) {
    if (isDuplicateKey(error)) return undefined;
    throw error;
  }
}

/** MongoDB's `NamespaceExists`. */
const NAMESPACE_EXISTS = 48;

/** Waits for the creation of a collection; nothing happens when it exists, or another process created it just now. */
export async function unlessNamespaceExists(creation: Promise<unknown>): Promise<void> {
  await creation.catch((error: unknown) => {
    if ((error as { code?: unknown }).code !== NAMESPACE_EXISTS) throw error;
  });
}

/** Whether an error means that the server cannot be reached, rather than that it refused one command. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error) || !error.name.startsWith('Mongo')) return false;
  if (error.name === 'MongoBulkWriteError') {
    // The driver wraps both a lost connection and a refusal of the server in this error.
    return 'errorResponse' in error && isDatabaseUnavailable(error.errorResponse);
  }
  return error.name !== 'MongoServerError';
}
