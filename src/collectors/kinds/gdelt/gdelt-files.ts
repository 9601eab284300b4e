import { JobError, PermanentError, TransientError } from '../../../domain/job-errors.ts';
import type { CollectContext } from '../../collector.ts';
import { archiveName, parseListing, type EventStream, type ListedFile } from './listing.ts';
import { MAX_ARCHIVE_BYTES } from './slot-archive.ts';
import { slotsBetween, type Slot } from './slots.ts';
import { withoutEnd } from '../../../text/without-end.ts';

const MAX_LISTING_BYTES = 64 * 1024;
/** Three files per slot, each in a line of at most 140 bytes, with a margin of 100 %. */
const MASTER_BYTES_PER_SLOT = 3 * 140 * 2;
const MAX_MASTER_BYTES = 2 * 1024 ** 2;

/** Fetches the files of one stream, all from the configured base URL. */
export function createGdeltFiles(
  { access, http, signal }: Pick<CollectContext<unknown, unknown>, 'access' | 'http' | 'signal'>,
  stream: EventStream,
) {
  const baseUrl = withoutEnd(access.gdelt.url, '/');

  function fetchFile(name: string, maxBytes: number, headers: Readonly<Record<string, string>> = {}) {
    return http.fetch(new URL(`${baseUrl}/${name}`), { headers, maxBytes, redirects: 'same-host', signal });
  }

  /**
   * The newest export in the listing of the latest files.
   * @throws TransientError `source_format` when it lists none.
   */
  async function newest(): Promise<ListedFile> {
    const response = await fetchFile(stream.listing, MAX_LISTING_BYTES);
    const files = parseListing(await response.text(), stream).sort((a, b) => (a.slot < b.slot ? 1 : -1));
    if (files[0] !== undefined) return files[0];
    throw new TransientError('source_format', `${stream.listing} of GDELT lists no export file.`);
  }

  /**
   * The files since a slot, from the end of the master list; empty when the list is not available. The whole list has
   * more than 100 MB, so only its last bytes are requested (RFC 9110, section 14.1.2).
   */
  async function since(oldest: Slot, last: Slot): Promise<ReadonlyMap<Slot, ListedFile>> {
    const neededBytes = (slotsBetween(oldest, last) + 8) * MASTER_BYTES_PER_SLOT;
    const maxBytes = Math.min(neededBytes, MAX_MASTER_BYTES);
    try {
      const response = await fetchFile(stream.masterList, maxBytes, {
        Range: `bytes=-${String(maxBytes)}`,
      });
      const text = await response.text();
      const isWhole =
        response.status !== 206 || response.headers.get('content-range')?.startsWith('bytes 0-');
      // The first line is incomplete: its rest may look like a line with a smaller size.
      const lines = isWhole ? text : text.slice(text.indexOf('\n') + 1);
      return new Map(parseListing(lines, stream).map((file) => [file.slot, file]));
    } catch (error) {
      // The slots can be collected without the list: it may be missing, broken or sent in full.
      if (error instanceof PermanentError || isServerFault(error)) return new Map();
      throw error;
    }
  }

  async function archive(slot: Slot): Promise<Buffer> {
    const response = await fetchFile(archiveName(stream, slot), MAX_ARCHIVE_BYTES);
    return response.bytes();
  }

  return { newest, since, archive };
}

export type GdeltFiles = ReturnType<typeof createGdeltFiles>;

/** Whether the response is wrong and not the connection, so that other files may be available. */
export function isServerFault(error: unknown): error is TransientError {
  return (
    error instanceof JobError && (error.errorClass === 'source_format' || error.errorClass === 'server_error')
  );
}

/** Whether the file does not exist: the bucket may answer 403 for missing names. */
export function isMissing(error: unknown): error is PermanentError {
  return (
    error instanceof JobError &&
    (error.errorClass === 'source_missing' || error.errorClass === 'source_refused')
  );
}
