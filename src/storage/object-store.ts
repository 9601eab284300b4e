import type { Readable } from 'node:stream';
import type { Bandwidth } from './bandwidth.ts';

/** What a store tells about an object without reading its content. */
export interface ObjectInfo {
  readonly name: string;
  readonly sizeBytes: number;
  /** Without quotes. Not always an MD5. */
  readonly etag: string;
  readonly lastModified: Date;
  readonly contentType?: string;
  /** Decoded user metadata; keys are lower case. Absent where a listing does not include it. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** MD5 of the content in hexadecimal, when the store has one that was checked. */
  readonly md5?: string;
  /** `Hot`, `Cool`, `Cold`, `Archive`; only in listings of a store that has such tiers. */
  readonly accessTier?: string;
}

export interface TransferOptions {
  readonly signal: AbortSignal;
  /** Called with the number of bytes since the last call; bytes that a retry transfers again count again. */
  readonly onBytes?: (moved: number) => void;
}

/** A transfer that goes easy on network and store. */
export interface PacedTransferOptions extends TransferOptions {
  /** The limit that this transfer shares with others; its deadline then does not count, only that it goes on. */
  readonly bandwidth?: Bandwidth;
  /** Called when the store asked for fewer requests, also when the request is repeated and succeeds. */
  readonly onThrottled?: () => void;
}

/** How an object is read. */
export interface ReadOptions extends PacedTransferOptions {
  /** ETag: only this version. */
  readonly ifMatch?: string;
  /** Only these bytes, the last one included; `info.sizeBytes` is then their number. MinIO only. */
  readonly range?: { readonly first: number; readonly last: number };
}

/** A part of a listing. What comes before it is left out where the store can do that, and listed where it cannot. */
export interface ListOptions {
  /** Names after this one. */
  readonly after?: string;
  /** How many names are wanted with each request, at most; left out: as many as the store gives. */
  readonly pageSize?: number;
}

/** An object that is being read. */
export interface OpenObject {
  readonly info: ObjectInfo;
  /** Fails with a JobError on any transfer error and on an early end. The caller must read or destroy it. */
  readonly stream: Readable;
}

/** An object whose content is in memory if it is small. */
export interface OpenContent {
  readonly info: ObjectInfo;
  /** All bytes, or the stream of the connection: its length is not checked, and its errors are not JobErrors yet. */
  readonly content: Buffer | Readable;
}

/**
 * An object store: MinIO (S3) or Azure. All calls have their own deadlines and throw JobErrors.
 */
export interface ObjectStore {
  /** Bucket or container. */
  readonly container: string;
  /** Creates the bucket or container if it does not exist. @throws OperatorError when that is not allowed. */
  ensureContainer(signal: AbortSignal): Promise<void>;
  /** @returns undefined when the object does not exist. */
  stat(name: string, signal: AbortSignal): Promise<ObjectInfo | undefined>;
  /** Lists all objects with a prefix, page by page; a page is retried before the listing fails. */
  list(prefix: string, signal: AbortSignal, options?: ListOptions): AsyncIterable<readonly ObjectInfo[]>;
  /** @throws ObjectMissingError when the object does not exist, ObjectChangedError when it is another version. */
  openRead(name: string, options: ReadOptions): Promise<OpenObject>;
  /** Removes an object, if it exists. */
  remove(name: string, signal: AbortSignal): Promise<void>;
  /** Closes idle connections. */
  close(): void;
}
