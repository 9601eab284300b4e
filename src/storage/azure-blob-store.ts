import type { Readable } from 'node:stream';
import type { BlobHTTPHeaders, BlockBlobClient, ContainerClient } from '@azure/storage-blob';
import type { StorageLimits } from '../config/config.ts';
import { interruptionOf, startWatchdog, withDeadline, type Watchdog } from '../runtime/deadline.ts';
import { TransientError } from '../runtime/job-errors.ts';
import { putInBlocks } from './azure-blocks.ts';
import { azureFacts } from './azure-facts.ts';
import { azureToJobError } from './azure-errors.ts';
import { measureStream } from './measured-stream.ts';
import { encodeMetadata, type MetadataLimits } from './metadata.ts';
import { assertObjectName } from './object-names.ts';
import type { ObjectFacts, ObjectStore, OpenObject, TransferOptions } from './object-store.ts';
import { withRetries } from './retries.ts';
import { withoutQuotes } from './etags.ts';
import { ObjectMissingError, transferToJobError, UnavailableError } from './storage-errors.ts';

/** What a blob is to be. Headers and metadata are replaced as a whole by every write. */
export interface PutBlob {
  readonly sizeBytes: number;
  /** Hexadecimal; the service checks it. */
  readonly md5: string;
  readonly contentType: string;
  /** Plain values; they are encoded here. */
  readonly metadata: Readonly<Record<string, string | undefined>>;
  /** `absent`: only if there is none yet; otherwise only over the version with this ETag. */
  readonly condition?: 'absent' | { readonly etag: string };
}

/** Opens the content of a blob anew; called once for each attempt. */
export type OpenSource = (signal: AbortSignal) => Promise<Readable>;

/** Sizes that tests make smaller. */
export interface BlockLimits {
  /** Put Blob takes at most 5000 MiB (learn.microsoft.com/rest/api/storageservices/put-blob). */
  readonly singlePutBytes: number;
  /** At most 50,000 blocks make a blob; each is held in memory. */
  readonly blockBytes: number;
}

const BLOCKS: BlockLimits = { singlePutBytes: 5000 * 1024 ** 2, blockBytes: 16 * 1024 ** 2 };
const LIST_PAGE = 5000;
/** Asks whether the container can be listed without listing anything. */
const NO_SUCH_PREFIX = 'is-the-container-there/';
/** Azure takes 8 KiB; room is left for names and counting of its own. */
const METADATA: MetadataLimits = { valueBytes: 1024, totalBytes: 7000 };

/** Blobs in an Azure container. The client given must not retry by itself. */
export class AzureBlobStore implements ObjectStore {
  readonly container: string;
  readonly #client: ContainerClient;
  readonly #limits: StorageLimits;
  readonly #blocks: BlockLimits;

  constructor(client: ContainerClient, limits: StorageLimits, blocks: BlockLimits = BLOCKS) {
    this.container = client.containerName;
    this.#client = client;
    this.#limits = limits;
    this.#blocks = blocks;
  }

  async ensureContainer(signal: AbortSignal): Promise<void> {
    // A token for one container may not ask about containers: what counts is whether it can be listed.
    try {
      await this.list(NO_SUCH_PREFIX, signal).next();
      return;
    } catch (error) {
      if (!isContainerMissing(error)) throw error;
    }
    const what = `creating the container ${this.container}`;
    await this.#ask(what, signal, (abortSignal) => this.#client.createIfNotExists({ abortSignal }));
  }

  async stat(name: string, signal: AbortSignal): Promise<ObjectFacts | undefined> {
    const blob = this.#blob(name);
    try {
      const what = `looking up ${name} in Azure`;
      const properties = await this.#ask(what, signal, (abortSignal) => blob.getProperties({ abortSignal }));
      return azureFacts(name, properties);
    } catch (error) {
      if (error instanceof ObjectMissingError) return undefined;
      throw error;
    }
  }

  async *list(prefix: string, signal: AbortSignal): AsyncGenerator<readonly ObjectFacts[], void, undefined> {
    let continuationToken: string | undefined;
    do {
      const settings = {
        maxPageSize: LIST_PAGE,
        ...(continuationToken === undefined ? {} : { continuationToken }),
      };
      const what = `listing the container ${this.container}`;
      // A fresh iterator for each page: one that has failed is at its end.
      const page = await this.#ask(what, signal, async (abortSignal) => {
        const pages = this.#client.listBlobsFlat({ prefix, includeMetadata: true, abortSignal });
        const result = await pages.byPage(settings).next();
        return result.done === true ? undefined : result.value;
      });
      if (page === undefined) return;
      yield page.segment.blobItems.map((item) =>
        azureFacts(item.name, { ...item.properties, ...(item.metadata && { metadata: item.metadata }) }),
      );
      continuationToken = page.continuationToken === '' ? undefined : page.continuationToken;
    } while (continuationToken !== undefined);
  }

  async openRead(
    name: string,
    options: TransferOptions & { readonly ifMatch?: string },
  ): Promise<OpenObject> {
    const blob = this.#blob(name);
    const what = `reading ${name} from Azure`;
    const watchdog = startWatchdog({ ...this.#limits, signal: options.signal, what });
    const { signal } = watchdog;
    try {
      const conditions = options.ifMatch === undefined ? {} : { ifMatch: `"${options.ifMatch}"` };
      const response = await withRetries(
        () =>
          // The SDK would go on silently after a cut; the caller decides that.
          blob
            .download(0, undefined, { abortSignal: signal, conditions, maxRetryRequests: 0 })
            .catch((error: unknown) => {
              throw azureToJobError(error, signal, what);
            }),
        { signal },
      );
      const body = response.readableStreamBody;
      if (body === undefined) throw new TransientError('unknown', `${what}: the answer has no body.`);
      const facts = azureFacts(name, response);
      const stream = measureStream(body as Readable, {
        expectedBytes: facts.sizeBytes,
        what,
        onBytes: (moved) => {
          watchdog.moved();
          options.onBytes?.(moved);
        },
        // The SDK has one error for every cut, without a code.
        explain: (error) =>
          signal.aborted
            ? interruptionOf(signal)
            : new UnavailableError('network', `${what}: the connection failed.`, { cause: error }),
      });
      stream.on('close', () => {
        watchdog.stop();
      });
      return { facts, stream };
    } catch (error) {
      watchdog.stop();
      throw signal.aborted ? interruptionOf(signal) : transferToJobError(error, what);
    }
  }

  async remove(name: string, signal: AbortSignal): Promise<void> {
    const blob = this.#blob(name);
    await this.#ask(`removing ${name} from Azure`, signal, (abortSignal) =>
      blob.deleteIfExists({ abortSignal }),
    );
  }

  /**
   * Writes a blob in one piece (Put Blob), so that the service itself compares content and MD5 before the blob
   * exists; in blocks where it is too large for that.
   * @returns the ETag of what was written.
   * @throws ObjectChangedError when the condition does not hold, TransientError `storage_mismatch` when the
   *   content is not what was announced.
   */
  async putBlob(
    name: string,
    openSource: OpenSource,
    put: PutBlob,
    options: TransferOptions,
  ): Promise<{ readonly etag: string }> {
    const blob = this.#blob(name);
    const what = `storing ${name} in Azure`;
    const attempt = () =>
      withDeadline((watchdog) => this.#putOnce(blob, openSource, put, { what, watchdog, options }), {
        ...this.#limits,
        signal: options.signal,
        what,
      });
    return withRetries(attempt, { signal: options.signal });
  }

  /** Replaces the metadata of a blob, content untouched. @throws ObjectChangedError when it is another version. */
  async setMetadata(
    name: string,
    metadata: PutBlob['metadata'],
    options: { readonly signal: AbortSignal; readonly etag: string },
  ): Promise<{ readonly etag: string }> {
    const blob = this.#blob(name);
    const conditions = { ifMatch: `"${options.etag}"` };
    const { etag } = await this.#ask(`writing metadata of ${name} in Azure`, options.signal, (abortSignal) =>
      blob.setMetadata(encodeMetadata(metadata, METADATA), { abortSignal, conditions }),
    );
    return { etag: withoutQuotes(etag ?? '') };
  }

  close(): void {
    // The SDK shares one pool of connections between all clients of the process; idle ones do not keep it alive.
  }

  async #putOnce(
    blob: BlockBlobClient,
    openSource: OpenSource,
    put: PutBlob,
    transfer: { what: string; watchdog: Watchdog; options: TransferOptions },
  ): Promise<{ etag: string }> {
    const { what, watchdog, options } = transfer;
    const sourceFailed = new AbortController();
    const abortSignal = AbortSignal.any([watchdog.signal, sourceFailed.signal]);
    const source = await openSource(watchdog.signal);
    const body = measureStream(source, {
      expectedBytes: put.sizeBytes,
      what,
      onBytes: (moved) => {
        watchdog.moved();
        options.onBytes?.(moved);
      },
    });
    // The SDK makes one failure of sending of all errors of the body; older ones wait for its rest for ever.
    body.on('error', (error) => {
      sourceFailed.abort(error);
    });
    const write = {
      abortSignal,
      blobHTTPHeaders: {
        blobContentMD5: Buffer.from(put.md5, 'hex'),
        blobContentType: put.contentType,
      } satisfies BlobHTTPHeaders,
      metadata: encodeMetadata(put.metadata, METADATA),
      conditions: conditionsOf(put),
    };
    try {
      if (put.sizeBytes > this.#blocks.singlePutBytes) {
        return await putInBlocks(blob, body, { ...put, ...write, blockBytes: this.#blocks.blockBytes, what });
      }
      const response = await blob.upload(() => body, put.sizeBytes, write);
      const storedMd5 = response.contentMD5 && Buffer.from(response.contentMD5).toString('hex');
      if (storedMd5 !== undefined && storedMd5 !== put.md5) {
        throw new TransientError('storage_mismatch', `${what}: the service stored another content.`);
      }
      return { etag: withoutQuotes(response.etag ?? '') };
    } catch (error) {
      const cause: unknown = sourceFailed.signal.aborted ? sourceFailed.signal.reason : error;
      throw azureToJobError(cause, watchdog.signal, what);
    } finally {
      body.destroy();
    }
  }

  #blob(name: string): BlockBlobClient {
    assertObjectName(name);
    return this.#client.getBlockBlobClient(name);
  }

  #ask<T>(what: string, signal: AbortSignal, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return withDeadline(
      (watchdog) =>
        withRetries(
          () =>
            call(watchdog.signal).catch((error: unknown) => {
              throw azureToJobError(error, watchdog.signal, what);
            }),
          { signal: watchdog.signal },
        ),
      { signal, deadlineMs: Math.min(this.#limits.stallMs, this.#limits.deadlineMs), what },
    );
  }
}

function conditionsOf(put: PutBlob): { ifNoneMatch?: string; ifMatch?: string } {
  if (put.condition === undefined) return {};
  return put.condition === 'absent' ? { ifNoneMatch: '*' } : { ifMatch: `"${put.condition.etag}"` };
}

function isContainerMissing(error: unknown): boolean {
  return (
    error instanceof ObjectMissingError ||
    (error instanceof Error && 'errorClass' in error && error.errorClass === 'storage_missing')
  );
}
