import type { IncomingMessage } from 'node:http';
import type { MinioConfig, StorageLimits } from '../config/config.ts';
import { interruptionOf, startWatchdog, withDeadline, type Watchdog } from '../runtime/deadline.ts';
import { OperatorError, TransientError } from '../domain/job-errors.ts';
import { measureStream } from './measured-stream.ts';
import { abortUnfinished } from './minio-parts.ts';
import { MULTIPART, sendFile, type MultipartLimits, type PutFile } from './minio-put-file.ts';
import { putStream, STREAM_PART_BYTES, type PutStream, type SentStream } from './minio-put-stream.ts';
import { encodeQuery, MinioRequests } from './minio-requests.ts';
import { assertObjectName } from './object-names.ts';
import type { ObjectInfo, ObjectStore, OpenObject, TransferOptions } from './object-store.ts';
import { withRetries } from './retries.ts';
import { s3ObjectInfo } from './s3-object-info.ts';
import { parseListing } from './s3-listing.ts';
import { ObjectMissingError } from './storage-errors.ts';

const LIST_PAGE = 1000;

/** Audio objects in MinIO or another S3 server. */
export class MinioStore implements ObjectStore {
  readonly container: string;
  readonly #requests: MinioRequests;
  readonly #region: string;
  readonly #limits: StorageLimits;
  readonly #multipart: MultipartLimits;

  constructor(minio: MinioConfig, limits: StorageLimits, multipart: MultipartLimits = MULTIPART) {
    this.container = minio.bucket;
    this.#requests = new MinioRequests(minio);
    this.#region = minio.region;
    this.#limits = limits;
    this.#multipart = multipart;
  }

  async ensureContainer(signal: AbortSignal): Promise<void> {
    if (await this.#isBucketThere(signal)) return;
    const what = `creating the bucket ${this.container}`;
    try {
      await this.#ask(what, signal, (context) =>
        this.#requests.call(context, (client, bucket) => client.makeBucket(bucket, this.#region)),
      );
    } catch (error) {
      // Another process may have been faster.
      if (!(await this.#isBucketThere(signal).catch(() => false))) throw error;
    }
  }

  async stat(name: string, signal: AbortSignal): Promise<ObjectInfo | undefined> {
    assertObjectName(name);
    try {
      const { head } = await this.#ask(`looking up ${name} in MinIO`, signal, (context) =>
        this.#requests.sendForText({ method: 'HEAD', name, what: context.what }, context.signal),
      );
      return s3ObjectInfo(name, head.headers);
    } catch (error) {
      if (error instanceof ObjectMissingError) return undefined;
      throw error;
    }
  }

  async *list(prefix: string, signal: AbortSignal): AsyncGenerator<readonly ObjectInfo[], void, undefined> {
    let token: string | undefined;
    do {
      const query = encodeQuery({
        'list-type': '2',
        'encoding-type': 'url',
        'max-keys': String(LIST_PAGE),
        prefix,
        ...(token === undefined ? {} : { 'continuation-token': token }),
      });
      const { text } = await this.#ask(`listing the bucket ${this.container}`, signal, (context) =>
        this.#requests.sendForText({ method: 'GET', query, what: context.what }, context.signal),
      );
      const page = parseListing(text);
      yield page.objects;
      token = page.nextToken;
    } while (token !== undefined);
  }

  async openRead(
    name: string,
    options: TransferOptions & { readonly ifMatch?: string },
  ): Promise<OpenObject> {
    assertObjectName(name);
    const what = `reading ${name} from MinIO`;
    // The watchdog lives as long as the stream.
    const watchdog = startWatchdog({ ...this.#limits, signal: options.signal, what });
    try {
      const headers = options.ifMatch === undefined ? {} : { 'if-match': `"${options.ifMatch}"` };
      const response = await withRetries(
        () => this.#requests.send({ method: 'GET', name, headers, what }, watchdog.signal),
        { signal: watchdog.signal },
      );
      const info = s3ObjectInfo(name, response.headers);
      return { info: info, stream: this.#bodyOf(response, info.sizeBytes, { what, watchdog, options }) };
    } catch (error) {
      watchdog.stop();
      throw error;
    }
  }

  async remove(name: string, signal: AbortSignal): Promise<void> {
    assertObjectName(name);
    await this.#ask(`removing ${name} from MinIO`, signal, (context) =>
      this.#requests.call(context, (client, bucket) => client.removeObject(bucket, name)),
    );
  }

  /**
   * Stores a file under its name, replacing what was there, then looks it up and compares.
   * @returns what the store now holds.
   * @throws TransientError `storage_mismatch` when that is not the file.
   */
  async putFile(put: PutFile, options: TransferOptions): Promise<ObjectInfo> {
    assertObjectName(put.name);
    await sendFile(this.#requests, put, { ...this.#limits, multipart: this.#multipart }, options);
    return this.#verify(put, options.signal);
  }

  /**
   * Stores content of unknown length under its name; see `putStream`.
   * @throws TransientError `storage_mismatch` when the store then holds another number of bytes than were sent.
   */
  async putStream(put: PutStream, options: TransferOptions): Promise<ObjectInfo & SentStream> {
    assertObjectName(put.name);
    const partBytes = Math.min(this.#multipart.partBytes, STREAM_PART_BYTES);
    const sent = await putStream(this.#requests, put, { ...this.#limits, partBytes }, options);
    const stored = await this.stat(put.name, options.signal);
    if (stored?.sizeBytes !== sent.sizeBytes) {
      throw new TransientError(
        'storage_mismatch',
        `${put.name} in MinIO has ${String(stored?.sizeBytes ?? 'no')} bytes, ${String(sent.sizeBytes)} were sent.`,
      );
    }
    return { ...stored, ...sent };
  }

  /** Removes the parts that uploads of this name have left when their process was killed. */
  async abortUploads(name: string, signal: AbortSignal): Promise<void> {
    assertObjectName(name);
    await this.#ask(`giving up unfinished uploads of ${name}`, signal, (context) =>
      abortUnfinished(this.#requests, name, context.signal),
    );
  }

  close(): void {
    this.#requests.close();
  }

  async #isBucketThere(signal: AbortSignal): Promise<boolean> {
    try {
      return await this.#ask(`looking for the bucket ${this.container}`, signal, (context) =>
        this.#requests.call(context, (client, bucket) => client.bucketExists(bucket)),
      );
    } catch (error) {
      // A look at a bucket that is missing answers 404 without a body, thus mostly without a code.
      const isMissing =
        error instanceof ObjectMissingError ||
        (error instanceof OperatorError && error.errorClass === 'storage_missing');
      if (isMissing) return false;
      throw error;
    }
  }

  async #verify(put: PutFile, signal: AbortSignal): Promise<ObjectInfo> {
    const stored = await this.stat(put.name, signal);
    if (stored?.sizeBytes !== put.sizeBytes || stored.md5 !== put.md5) {
      throw new TransientError(
        'storage_mismatch',
        `${put.name} in MinIO is not the file that was sent: ${String(stored?.sizeBytes ?? 'no')} bytes there, ${String(put.sizeBytes)} sent.`,
      );
    }
    return stored;
  }

  /** A small exchange, repeated when the store is out of order. */
  #ask<T>(
    what: string,
    signal: AbortSignal,
    exchange: (context: { what: string; signal: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    return withDeadline(
      (watchdog) =>
        withRetries(() => exchange({ what, signal: watchdog.signal }), { signal: watchdog.signal }),
      // Nothing is counted during a small exchange; a silent peer must not hold it longer than a stall.
      { signal, deadlineMs: Math.min(this.#limits.stallMs, this.#limits.deadlineMs), what },
    );
  }

  #bodyOf(
    response: IncomingMessage,
    expectedBytes: number,
    transfer: { what: string; watchdog: Watchdog; options: TransferOptions },
  ) {
    const { what, watchdog, options } = transfer;
    const stream = measureStream(response, {
      expectedBytes,
      what,
      onBytes: (moved) => {
        watchdog.moved();
        options.onBytes?.(moved);
      },
      explain: (error) => (watchdog.signal.aborted ? interruptionOf(watchdog.signal) : error),
    });
    stream.on('close', () => {
      watchdog.stop();
    });
    return stream;
  }
}
