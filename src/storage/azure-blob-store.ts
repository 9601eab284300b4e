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
import type {
  ListOptions,
  ObjectInfo,
  ObjectStore,
  OpenObject,
  PacedTransferOptions,
  ReadOptions,
} from './object-store.ts';
import {
  isContainerMissing,
  isRequestRefused,
  ObjectChangedError,
  ObjectMissingError,
  storeRetryPolicy,
  undefinedIfMissing,
} from './storage-errors.ts';
import {
  listingPage,
  MAX_PAGE_BYTES,
  openObject,
  pacedLimits,
  requestWithRetries,
} from './store-requests.ts';

const LIST_PAGE = 5000;
/** A listing can begin at a name with this version of the API; older services refuse the version or ignore the name. */
const START_FROM_VERSION = '2026-02-06';
/** No blob has this prefix: listing it only shows whether the container exists. */
const UNUSED_PREFIX = 'is-the-container-there/';

type BlobPage = ReturnType<typeof parseBlobListing>;

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

  async *list(
    prefix: string,
    signal: AbortSignal,
    { after, pageSize = LIST_PAGE }: ListOptions = {},
  ): AsyncGenerator<readonly ObjectInfo[], void, undefined> {
    let startFrom = after;
    let marker: string | undefined;
    do {
      const query = {
        restype: 'container',
        comp: 'list',
        include: 'metadata',
        maxresults: String(Math.min(pageSize, LIST_PAGE)),
        ...definedFields({ prefix: prefix === '' ? undefined : prefix, marker }),
      };
      let page: BlobPage;
      try {
        page = await this.#listPage({ ...query, ...definedFields({ startFrom }) }, signal);
      } catch (error) {
        if (startFrom === undefined || !isRequestRefused(error)) throw error;
        // An older service: all of the prefix is listed.
        startFrom = undefined;
        page = await this.#listPage(query, signal);
      }
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
    options: PacedTransferOptions,
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
            bandwidth: options.bandwidth,
          }),
        { ...pacedLimits(this.#limits, options), signal: options.signal, what },
      );
    return retry(attempt, storeRetryPolicy(options.signal, options));
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

  #listPage(query: Readonly<Record<string, string>>, callerSignal: AbortSignal): Promise<BlobPage> {
    const what = `listing the container ${this.container}`;
    const headers = 'startFrom' in query ? { 'x-ms-version': START_FROM_VERSION } : {};
    return requestWithRetries(
      { what, limits: this.#limits, isPage: true },
      callerSignal,
      async ({ signal }) => {
        const request = { method: 'GET', query, headers, what } as const;
        const xml = await this.#requests.sendForText(request, MAX_PAGE_BYTES, signal);
        return listingPage(what, () => parseBlobListing(xml));
      },
    );
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
