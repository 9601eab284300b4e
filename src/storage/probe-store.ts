import { toJobError } from '../domain/job-errors.ts';
import type { ObjectStore } from './object-store.ts';

/**
 * Lists a page of names. A refusal proves nothing: a login may be allowed to write and not to list.
 * @throws OperatorError while the bucket or container does not exist.
 */
export async function probeStore(store: ObjectStore, signal: AbortSignal): Promise<void> {
  try {
    for await (const _page of store.list('', signal)) return;
  } catch (thrown) {
    if (toJobError(thrown, signal).errorClass !== 'credentials') throw thrown;
  }
}
