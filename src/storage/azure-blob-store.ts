import type { Readable } from 'node:stream';
import type { BlockBlobClient, ContainerClient } from '@azure/storage-blob';
import type { StorageLimits } from '../config/config.ts';
import { interruptionOf, startWatchdog, withDeadline } from '../runtime/deadline.ts';
import { TransientError } from '../domain/job-errors.ts';
import { azureObjectInfo } from './azure-object-info.ts';
import { azureToJobError } from './azure-errors.ts';
import {
  BLOCKS,
  METADATA,
  putOnce,
  type BlockLimits,
  type OpenSource,
  type PutBlob,
} from './azure-put-blob.ts';
import { measureStream } from './measured-stream.ts';
import { encodeMetadata } from './metadata.ts';
import { assertObjectName } from './object-names.ts';
import type { ObjectInfo, ObjectStore, OpenObject, TransferOptions } from './object-store.ts';
import { withRetries } from './retries.ts';
import { withoutQuotes } from './etags.ts';
import { ObjectMissingError, transferToJobError, UnavailableError } from './storage-errors.ts';

const LIST_PAGE = 5000;
/** Asks whether the container can be listed without listing anything. */
const NO_SUCH_PREFIX = 'is-the-container-there/';

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

  async stat(name: string, signal: AbortSignal): Promise<ObjectInfo | undefined> {
    const blob = this.#blob(name);
    try {
      const what = `looking up ${name} in Azure`;
      const properties = await this.#ask(what, signal, (abortSignal) => blob.getProperties({ abortSignal }));
      return azureObjectInfo(name, properties);
    } catch (error) {
      if (error instanceof ObjectMissingError) return undefined;
      throw error;
    }
  }

  async *list(prefix: string, signal: AbortSignal): AsyncGenerator<readonly ObjectInfo[], void, undefined> {
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
        azureObjectInfo(item.name, { ...item.properties, ...(item.metadata && { metadata: item.metadata }) }),
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
      const info = azureObjectInfo(name, response);
      const stream = measureStream(body as Readable, {
        expectedBytes: info.sizeBytes,
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
      return { info: info, stream };
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
      withDeadline(
        (watchdog) =>
          putOnce(blob, openSource, put, { what, watchdog, blocks: this.#blocks, onBytes: options.onBytes }),
        { ...this.#limits, signal: options.signal, what },
      );
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

function isContainerMissing(error: unknown): boolean {
  return (
    error instanceof ObjectMissingError ||
    (error instanceof Error && 'errorClass' in error && error.errorClass === 'storage_missing')
  );
}
