import type { HttpClient } from '../../../runtime/http-client/http-client.ts';
import { JobError, PermanentError, TransientError } from '../../../domain/job-errors.ts';
import { archiveName, parseListing, type EventStream, type ListedFile } from './listing.ts';
import { MAX_ARCHIVE_BYTES } from './slot-archive.ts';
import { slotsBetween, type Slot } from './slots.ts';

const MAX_LISTING_BYTES = 64 * 1024;
/** Three files a slot, each in a line of at most 140 bytes, twice over. */
const MASTER_BYTES_PER_SLOT = 3 * 140 * 2;
const MAX_MASTER_BYTES = 2 * 1024 ** 2;

/** Fetches the files of one stream, each from the configured address and from nowhere else. */
export class GdeltFiles {
  readonly #http: HttpClient;
  readonly #baseUrl: string;
  readonly #stream: EventStream;
  readonly #signal: AbortSignal;

  constructor(parts: { http: HttpClient; url: string; stream: EventStream; signal: AbortSignal }) {
    this.#http = parts.http;
    this.#baseUrl = parts.url.replace(/\/+$/, '');
    this.#stream = parts.stream;
    this.#signal = parts.signal;
  }

  /**
   * What the listing of the latest files says of the export.
   * @throws TransientError `source_format` when it names none.
   */
  async newest(): Promise<ListedFile> {
    const answer = await this.#fetch(this.#stream.listing, MAX_LISTING_BYTES);
    const [newest] = parseListing(await answer.text(), this.#stream).sort((a, b) =>
      a.slot < b.slot ? 1 : -1,
    );
    if (newest !== undefined) return newest;
    throw new TransientError('source_format', `${this.#stream.listing} of GDELT names no export file.`);
  }

  /**
   * What the end of the master list says of the files since a slot; empty when that cannot be learned. The whole list
   * has more than 100 MB, so that only its last bytes are asked for (RFC 9110, section 14.1.2).
   */
  async since(oldest: Slot, newest: Slot): Promise<ReadonlyMap<Slot, ListedFile>> {
    const wanted = (slotsBetween(oldest, newest) + 8) * MASTER_BYTES_PER_SLOT;
    const maxBytes = Math.min(wanted, MAX_MASTER_BYTES);
    try {
      const answer = await this.#fetch(this.#stream.masterList, maxBytes, {
        Range: `bytes=-${String(maxBytes)}`,
      });
      const text = await answer.text();
      const isWhole = answer.status !== 206 || answer.headers.get('content-range')?.startsWith('bytes 0-');
      // The first line is cut somewhere: what is left of it may look like a smaller size.
      const lines = isWhole ? text : text.slice(text.indexOf('\n') + 1);
      return new Map(parseListing(lines, this.#stream).map((file) => [file.slot, file]));
    } catch (error) {
      // A list that is not there, is sent whole or is broken is no reason to go without the slots.
      if (error instanceof PermanentError || isOfServer(error)) return new Map();
      throw error;
    }
  }

  /** The archive of a slot. */
  async archive(slot: Slot): Promise<Buffer> {
    const answer = await this.#fetch(archiveName(this.#stream, slot), MAX_ARCHIVE_BYTES);
    return answer.bytes();
  }

  #fetch(name: string, maxBytes: number, headers: Readonly<Record<string, string>> = {}) {
    return this.#http.fetch(new URL(`${this.#baseUrl}/${name}`), {
      headers,
      maxBytes,
      redirects: 'same-host',
      signal: this.#signal,
    });
  }
}

/** Whether the answer is at fault and not the way there, so that other files may well be had. */
export function isOfServer(error: unknown): error is TransientError {
  return (
    error instanceof JobError && (error.errorClass === 'source_format' || error.errorClass === 'server_error')
  );
}

/** Whether the file is not there: a bucket also answers 403 for names that it does not have. */
export function isMissing(error: unknown): error is PermanentError {
  return (
    error instanceof JobError &&
    (error.errorClass === 'source_missing' || error.errorClass === 'source_refused')
  );
}
