import type { Readable } from 'node:stream';
import type { BlockBlobClient, ContainerClient } from '@azure/storage-blob';
import type { StorageLimits } from '../config/config.ts';
import { definedFields } from '../domain/defined-fields.ts';
import { TransientError } from '../domain/job-errors.ts';
import { withDeadline } from '../runtime/deadline.ts';
import { retry } from '../runtime/retry.ts';
import { azureToJobError } from './azure-errors.ts';
import {
  DEFAULT_BLOCK_LIMITS,
  AZURE_METADATA_LIMITS,
  putOnce,
  type BlockLimits,
  type OpenSource,
  type PutBlob,
} from './azure-put-blob.ts';
import { encodeMetadata } from './metadata.ts';
import { azureObjectInfo, unquoteEtag } from './object-info.ts';
import { assertObjectName } from './object-names.ts';
import type { ObjectInfo, ObjectStore, OpenObject, ReadOptions, TransferOptions } from './object-store.ts';
import {
  isContainerMissing,
  ObjectMissingError,
  storeRetryPolicy,
  UnavailableError,
  undefinedIfMissing,
} from './storage-errors.ts';
import { openObject, requestWithRetries } from './store-requests.ts';

const LIST_PAGE = 5000;
/** No blob has this prefix: listing it only shows whether the container exists. */
const UNUSED_PREFIX = 'is-the-container-there/';

/** Blobs in an Azure container. The client must not retry by itself. */
export class AzureBlobStore implements ObjectStore {
  readonly container: string;
  readonly #client: ContainerClient;
  readonly #limits: StorageLimits;
  readonly #blocks: BlockLimits;

  constructor(client: ContainerClient, limits: StorageLimits, blocks: BlockLimits = DEFAULT_BLOCK_LIMITS) {
    this.container = client.containerName;
    this.#client = client;
    this.#limits = limits;
    this.#blocks = blocks;
  }

  async ensureContainer(signal: AbortSignal): Promise<void> {
    // A SAS token for one container gives no right to look containers up, but it can list this one.
    try {
      await this.list(UNUSED_PREFIX, signal).next();
      return;
    } catch (error) {
      if (!isContainerMissing(error) && !(error instanceof ObjectMissingError)) throw error;
    }
    const what = `creating the container ${this.container}`;
    await this.#request(what, signal, (abortSignal) => this.#client.createIfNotExists({ abortSignal }));
  }

  async stat(name: string, signal: AbortSignal): Promise<ObjectInfo | undefined> {
    const blob = this.#blob(name);
    const properties = await undefinedIfMissing(
      this.#request(`looking up ${name} in Azure`, signal, (abortSignal) =>
        blob.getProperties({ abortSignal }),
      ),
    );
    return properties && azureObjectInfo(name, properties);
  }

  async *list(prefix: string, signal: AbortSignal): AsyncGenerator<readonly ObjectInfo[], void, undefined> {
    let continuationToken: string | undefined;
    do {
      const pageOptions = definedFields({ maxPageSize: LIST_PAGE, continuationToken });
      const what = `listing the container ${this.container}`;
      // A new iterator for each page: after an error an iterator is at its end.
      const page = await this.#request(what, signal, async (abortSignal) => {
        const pages = this.#client.listBlobsFlat({ prefix, includeMetadata: true, abortSignal });
        const result = await pages.byPage(pageOptions).next();
        return result.done === true ? undefined : result.value;
      });
      if (page === undefined) return;
      yield page.segment.blobItems.map((item) =>
        azureObjectInfo(item.name, { ...item.properties, ...(item.metadata && { metadata: item.metadata }) }),
      );
      continuationToken = page.continuationToken === '' ? undefined : page.continuationToken;
    } while (continuationToken !== undefined);
  }

  async openRead(name: string, options: ReadOptions): Promise<OpenObject> {
    const blob = this.#blob(name);
    const what = `reading ${name} from Azure`;
    const conditions = options.ifMatch === undefined ? {} : { ifMatch: `"${options.ifMatch}"` };
    return openObject(
      { what, limits: this.#limits },
      options,
      async (abortSignal) => {
        const response = await blob
          // Without `maxRetryRequests` the SDK would silently go on after a cut; the caller decides that.
          .download(0, undefined, { abortSignal, conditions, maxRetryRequests: 0 })
          .catch((error: unknown) => {
            throw azureToJobError(error, abortSignal, what);
          });
        const body = response.readableStreamBody;
        if (body === undefined) throw new TransientError('unknown', `${what}: the response has no body.`);
        return { info: azureObjectInfo(name, response), body: body as Readable };
      },
      // The SDK has one error for all cuts, without a code.
      (cause) => new UnavailableError('network', `${what}: the connection failed.`, { cause }),
    );
  }

  async remove(name: string, signal: AbortSignal): Promise<void> {
    const blob = this.#blob(name);
    await this.#request(`removing ${name} from Azure`, signal, (abortSignal) =>
      blob.deleteIfExists({ abortSignal }),
    );
  }

  /**
   * Writes a blob with one request (Put Blob), so that the service compares content and MD5 before the blob exists; a
   * larger blob in blocks.
   * @returns the ETag of the new blob.
   * @throws ObjectChangedError when the condition does not hold, TransientError `storage_mismatch` when the content has
   *   another size or MD5 than `put` says.
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
        (deadline) =>
          putOnce(blob, openSource, put, { what, deadline, blocks: this.#blocks, onBytes: options.onBytes }),
        { ...this.#limits, signal: options.signal, what },
      );
    return retry(attempt, storeRetryPolicy(options.signal));
  }

  /** Replaces the metadata of a blob, not its content. @throws ObjectChangedError when the blob has another ETag. */
  async setMetadata(
    name: string,
    metadata: PutBlob['metadata'],
    options: { readonly signal: AbortSignal; readonly etag: string },
  ): Promise<{ readonly etag: string }> {
    const blob = this.#blob(name);
    const conditions = { ifMatch: `"${options.etag}"` };
    const { etag } = await this.#request(
      `writing metadata of ${name} in Azure`,
      options.signal,
      (abortSignal) =>
        blob.setMetadata(encodeMetadata(metadata, AZURE_METADATA_LIMITS), { abortSignal, conditions }),
    );
    return { etag: unquoteEtag(etag) };
  }

  close(): void {
    // All clients of the process share one connection pool; its idle connections do not keep the process alive.
  }

  #blob(name: string): BlockBlobClient {
    assertObjectName(name);
    return this.#client.getBlockBlobClient(name);
  }

  #request<T>(
    what: string,
    callerSignal: AbortSignal,
    call: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return requestWithRetries({ what, limits: this.#limits }, callerSignal, ({ signal }) =>
      call(signal).catch((error: unknown) => {
        throw azureToJobError(error, signal, what);
      }),
    );
  }
}
