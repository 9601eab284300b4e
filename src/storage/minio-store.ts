import type { MinioConfig, StorageLimits } from '../config/config.ts';
import { definedFields } from '../domain/defined-fields.ts';
import type { Checksums } from './checksums.ts';
import { TransientError } from '../domain/job-errors.ts';
import { copyWithinBucket, type ObjectCopy } from './minio-copy.ts';
import { abortUnfinishedUploads } from './minio-multipart.ts';
import { DEFAULT_MULTIPART_LIMITS, sendFile, type MultipartLimits, type PutFile } from './minio-put-file.ts';
import { putStream, STREAM_PART_BYTES, type PutStream, type SentStream } from './minio-put-stream.ts';
import { sendText, type PutText } from './minio-put-text.ts';
import { MinioRequests } from './minio-requests.ts';
import type { MinioCall } from './minio-transport.ts';
import { s3ObjectInfo } from './object-info.ts';
import { assertObjectName } from './object-names.ts';
import type {
  ListOptions,
  ObjectInfo,
  ObjectStore,
  OpenContent,
  OpenObject,
  ReadOptions,
  TransferOptions,
} from './object-store.ts';
import { s3KeysOf } from './s3-keys.ts';
import { parseListing } from './s3-listing.ts';
import { S3Reads } from './s3-reads.ts';
import { isContainerMissing, ObjectMissingError, undefinedIfMissing } from './storage-errors.ts';
import { listingPage, openContent, openObject, requestWithRetries } from './store-requests.ts';

const LIST_PAGE = 1000;

/** Objects in a bucket of MinIO or another S3 server. */
export class MinioStore implements ObjectStore {
  readonly container: string;
  readonly #requests: MinioRequests;
  readonly #reads: S3Reads;
  readonly #region: string;
  readonly #limits: StorageLimits;
  readonly #multipart: MultipartLimits;

  constructor(minio: MinioConfig, limits: StorageLimits, multipart: Partial<MultipartLimits> = {}) {
    this.container = minio.bucket;
    const keys = s3KeysOf(minio);
    this.#requests = new MinioRequests(minio, keys);
    this.#reads = new S3Reads(minio, keys);
    this.#region = minio.region;
    this.#limits = limits;
    this.#multipart = { ...DEFAULT_MULTIPART_LIMITS, ...multipart };
  }

  async ensureContainer(signal: AbortSignal): Promise<void> {
    if (await this.#bucketExists(signal)) return;
    const what = `creating the bucket ${this.container}`;
    try {
      await this.#request(what, signal, (context) =>
        this.#requests.call(context, (client, bucket) => client.makeBucket(bucket, this.#region)),
      );
    } catch (error) {
      // Another process may have created it in the meantime.
      if (!(await this.#bucketExists(signal).catch(() => false))) throw error;
    }
  }

  async stat(name: string, signal: AbortSignal): Promise<ObjectInfo | undefined> {
    assertObjectName(name);
    const headers = await undefinedIfMissing(
      this.#request(`looking up ${name} in MinIO`, signal, (context) =>
        this.#reads.sendForHead({ method: 'HEAD', name, what: context.what }, context.signal),
      ),
    );
    return headers && s3ObjectInfo(name, headers);
  }

  async *list(
    prefix: string,
    signal: AbortSignal,
    { after, pageSize = LIST_PAGE }: ListOptions = {},
  ): AsyncGenerator<readonly ObjectInfo[], void, undefined> {
    let token: string | undefined;
    do {
      const query = {
        'list-type': '2',
        'encoding-type': 'url',
        'max-keys': String(Math.min(pageSize, LIST_PAGE)),
        prefix,
        ...definedFields({
          'continuation-token': token,
          'start-after': token === undefined ? after : undefined,
        }),
      };
      const page = await requestWithRetries(
        { what: `listing the bucket ${this.container}`, limits: this.#limits, isPage: true },
        signal,
        async ({ what, signal: pageSignal }) => {
          const xml = await this.#reads.sendForText({ method: 'GET', query, what }, pageSignal);
          return listingPage(what, () => parseListing(xml));
        },
      );
      yield page.objects;
      token = page.nextToken;
    } while (token !== undefined);
  }

  async openRead(name: string, options: ReadOptions): Promise<OpenObject> {
    return openObject(this.#reading(name), options, (signal) => this.#get(name, options, signal));
  }

  /** Opens an object; a small one is read whole. Throws what `openRead` throws. */
  async openContent(name: string, options: ReadOptions): Promise<OpenContent> {
    return openContent(this.#reading(name), options, (signal) => this.#get(name, options, signal));
  }

  async remove(name: string, signal: AbortSignal): Promise<void> {
    assertObjectName(name);
    await this.#request(`removing ${name} from MinIO`, signal, (context) =>
      this.#reads.sendForHead({ method: 'DELETE', name, what: context.what }, context.signal),
    );
  }

  /**
   * Stores a file, replacing an object of the same name, then looks the object up and compares size and MD5.
   * @returns the stored object.
   * @throws TransientError `storage_mismatch` when the stored object is not the file; see also `sendFile`.
   */
  async putFile(put: PutFile, options: TransferOptions): Promise<ObjectInfo> {
    assertObjectName(put.name);
    await sendFile(this.#requests, put, { ...this.#limits, multipart: this.#multipart }, options);
    const stored = await this.stat(put.name, options.signal);
    if (stored?.sizeBytes !== put.sizeBytes || stored.md5 !== put.md5) {
      throw new TransientError(
        'storage_mismatch',
        `${put.name} in MinIO is not the file that was sent: ${String(stored?.sizeBytes ?? 'no')} bytes there, ${String(put.sizeBytes)} sent.`,
      );
    }
    return stored;
  }

  /**
   * Lets the server copy an object of the bucket, replacing one of the new name, then looks the copy up and compares it with
   * the source; see `copyWithinBucket`.
   * @param copy with the checksums of the source, which the copy gets as metadata.
   * @returns the copy.
   * @throws TransientError `storage_mismatch` when it is not the source.
   */
  async copyObject(copy: ObjectCopy & Checksums, options: TransferOptions): Promise<ObjectInfo> {
    const { name, source, md5, sha256, sizeBytes, metadata } = copy;
    assertObjectName(name);
    const { copyPartBytes } = this.#multipart;
    await copyWithinBucket(
      this.#requests,
      this.container,
      { ...copy, metadata: { md5, sha256, ...metadata } },
      { ...this.#limits, copyPartBytes },
      options,
    );
    const stored = await this.stat(name, options.signal);
    // An object that was stored with one request has its MD5 as ETag, unless the server encrypts it with keys of its own.
    const hasEtag = source.etag === md5 && sizeBytes <= copyPartBytes;
    if (stored?.sizeBytes !== sizeBytes || (hasEtag && stored.etag !== md5)) {
      throw new TransientError(
        'storage_mismatch',
        `${name} in MinIO is not ${source.name}: ${String(stored?.sizeBytes ?? 'no')} bytes there, ${String(sizeBytes)} in the source.`,
      );
    }
    return stored;
  }

  /** The time by the clock of the server; an invalid date when it does not say. */
  async serverTime(signal: AbortSignal): Promise<Date> {
    const headers = await this.#request(`reading the clock of MinIO`, signal, (context) =>
      this.#reads.sendForHead({ method: 'HEAD', what: context.what }, context.signal),
    );
    return new Date(headers.date ?? '');
  }

  /**
   * Stores content of unknown length; see `putStream`.
   * @throws TransientError `storage_mismatch` when the stored object has another size than was sent.
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

  /** Stores a small text, replacing an object of the same name; see `sendText`. */
  async putText(put: PutText, signal: AbortSignal): Promise<Checksums> {
    assertObjectName(put.name);
    return await sendText(this.#requests, put, this.#limits, signal);
  }

  /** Removes the parts of uploads of this name whose process was killed. */
  async abortUploads(name: string, signal: AbortSignal): Promise<void> {
    assertObjectName(name);
    await this.#request(`aborting unfinished uploads of ${name}`, signal, (context) =>
      abortUnfinishedUploads(this.#requests, name, context.signal),
    );
  }

  close(): void {
    this.#requests.close();
    this.#reads.close();
  }

  #reading(name: string) {
    assertObjectName(name);
    return { what: `reading ${name} from MinIO`, limits: this.#limits };
  }

  async #get(name: string, options: ReadOptions, signal: AbortSignal) {
    const headers = readHeaders(options);
    const { what } = this.#reading(name);
    const response = await this.#reads.send({ method: 'GET', name, headers, what }, signal);
    return { info: s3ObjectInfo(name, response.headers), body: response.body };
  }

  async #bucketExists(signal: AbortSignal): Promise<boolean> {
    try {
      await this.#request(`looking for the bucket ${this.container}`, signal, (context) =>
        this.#reads.sendForHead({ method: 'HEAD', what: context.what }, context.signal),
      );
      return true;
    } catch (error) {
      // HEAD of a missing bucket answers 404 without a body, so mostly without a code.
      if (error instanceof ObjectMissingError || isContainerMissing(error)) return false;
      throw error;
    }
  }

  #request<T>(what: string, signal: AbortSignal, send: (context: MinioCall) => Promise<T>): Promise<T> {
    return requestWithRetries({ what, limits: this.#limits }, signal, send);
  }
}

function readHeaders({ ifMatch, range }: ReadOptions): Record<string, string> {
  return definedFields({
    'if-match': ifMatch === undefined ? undefined : `"${ifMatch}"`,
    range: range && `bytes=${String(range.first)}-${String(range.last)}`,
  });
}
