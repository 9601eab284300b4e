import type { StorageLimits } from '../config/config.ts';
import { definedFields } from '../domain/defined-fields.ts';
import { withDeadline } from '../runtime/deadline.ts';
import { retry } from '../runtime/retry.ts';
import type { AzureAccount } from './azure-account.ts';
import { parseBlobListing } from './azure-listing.ts';
import {
  DEFAULT_BLOCK_LIMITS,
  metadataHeaders,
  putOnce,
  type BlockLimits,
  type OpenSource,
  type PutBlob,
} from './azure-put-blob.ts';
import { AzureRequests } from './azure-requests.ts';
import { azureObjectInfo, unquoteEtag } from './object-info.ts';
import { assertObjectName } from './object-names.ts';
import type { ObjectInfo, ObjectStore, OpenObject, ReadOptions, TransferOptions } from './object-store.ts';
import {
  isContainerMissing,
  ObjectChangedError,
  ObjectMissingError,
  storeRetryPolicy,
  undefinedIfMissing,
} from './storage-errors.ts';
import { LIST_TRIES, listingPage, MAX_PAGE_BYTES, openObject, requestWithRetries } from './store-requests.ts';

const LIST_PAGE = 5000;
/** No blob has this prefix: listing it only shows whether the container exists. */
const UNUSED_PREFIX = 'is-the-container-there/';

/** Blobs in an Azure container. */
export class AzureBlobStore implements ObjectStore {
  readonly container: string;
  readonly #requests: AzureRequests;
  readonly #limits: StorageLimits;
  readonly #blocks: BlockLimits;

  constructor(account: AzureAccount, limits: StorageLimits, blocks: BlockLimits = DEFAULT_BLOCK_LIMITS) {
    this.container = account.container;
    this.#requests = new AzureRequests(account);
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
    try {
      await this.#change({ method: 'PUT', query: { restype: 'container' }, what }, signal);
    } catch (error) {
      // Another process created it in the meantime.
      if (!(error instanceof ObjectChangedError)) throw error;
    }
  }

  async stat(name: string, signal: AbortSignal): Promise<ObjectInfo | undefined> {
    assertObjectName(name);
    const what = `looking up ${name} in Azure`;
    const headers = await undefinedIfMissing(this.#change({ method: 'HEAD', blob: name, what }, signal));
    return headers && azureObjectInfo(name, headers);
  }

  async *list(prefix: string, signal: AbortSignal): AsyncGenerator<readonly ObjectInfo[], void, undefined> {
    let marker: string | undefined;
    do {
      const query = {
        restype: 'container',
        comp: 'list',
        include: 'metadata',
        maxresults: String(LIST_PAGE),
        ...definedFields({ prefix: prefix === '' ? undefined : prefix, marker }),
      };
      const page = await requestWithRetries(
        { what: `listing the container ${this.container}`, limits: this.#limits, tries: LIST_TRIES },
        signal,
        async (context) => {
          const request = { method: 'GET', query, what: context.what } as const;
          const xml = await this.#requests.sendForText(request, MAX_PAGE_BYTES, context.signal);
          return listingPage(context.what, () => parseBlobListing(xml));
        },
      );
      yield page.blobs;
      marker = page.nextMarker;
    } while (marker !== undefined);
  }

  async openRead(name: string, options: ReadOptions): Promise<OpenObject> {
    assertObjectName(name);
    const what = `reading ${name} from Azure`;
    const headers = options.ifMatch === undefined ? {} : { 'if-match': `"${options.ifMatch}"` };
    return openObject({ what, limits: this.#limits }, options, async (signal) => {
      const response = await this.#requests.send({ method: 'GET', blob: name, headers, what }, signal);
      return { info: azureObjectInfo(name, response.headers), body: response.body };
    });
  }

  async remove(name: string, signal: AbortSignal): Promise<void> {
    assertObjectName(name);
    const what = `removing ${name} from Azure`;
    await undefinedIfMissing(this.#change({ method: 'DELETE', blob: name, what }, signal));
  }

  /** Removes a blob if it still is this version, or is gone already. @throws ObjectChangedError when it is another one. */
  async removeVersion(name: string, etag: string, signal: AbortSignal): Promise<void> {
    assertObjectName(name);
    const headers = { 'if-match': `"${etag}"` };
    const what = `removing ${name} from Azure`;
    await undefinedIfMissing(this.#change({ method: 'DELETE', blob: name, headers, what }, signal));
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
    assertObjectName(name);
    const what = `storing ${name} in Azure`;
    const attempt = () =>
      withDeadline(
        (deadline) =>
          putOnce(this.#requests, openSource, put, {
            blob: name,
            what,
            deadline,
            blocks: this.#blocks,
            onBytes: options.onBytes,
          }),
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
    assertObjectName(name);
    const headers = { ...metadataHeaders(metadata), 'if-match': `"${options.etag}"` };
    const what = `writing metadata of ${name} in Azure`;
    const { etag } = await this.#change(
      { method: 'PUT', blob: name, query: { comp: 'metadata' }, headers, what },
      options.signal,
    );
    return { etag: unquoteEtag(etag) };
  }

  close(): void {
    this.#requests.close();
  }

  /** Sends a request whose response is small. @returns the headers of the response */
  #change(
    request: Parameters<AzureRequests['sendForHead']>[0],
    callerSignal: AbortSignal,
  ): ReturnType<AzureRequests['sendForHead']> {
    return requestWithRetries({ what: request.what, limits: this.#limits }, callerSignal, ({ signal }) =>
      this.#requests.sendForHead(request, signal),
    );
  }
}
