import type { Readable } from 'node:stream';

/** What a store knows of one object without reading it. */
export interface ObjectInfo {
  readonly name: string;
  readonly sizeBytes: number;
  /** As the store gives it, without quotes. Not an MD5 in general. */
  readonly etag: string;
  readonly lastModified: Date;
  readonly contentType?: string;
  /** Decoded user metadata; keys are lower case. Absent where a listing does not carry it. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Hexadecimal MD5 of the content, when the store holds one that was checked. */
  readonly md5?: string;
}

/** What every call to a store takes: a way to end it, and a way to tell of moved bytes. */
export interface TransferOptions {
  readonly signal: AbortSignal;
  /** Called with the bytes moved since the last call; bytes that a retry sends again count again. */
  readonly onBytes?: (moved: number) => void;
}

/** An object being read: what the store says of it, and its bytes. */
export interface OpenObject {
  readonly info: ObjectInfo;
  /** Fails with a JobError on any error of the transfer and on an early end. Destroy it when it is not read. */
  readonly stream: Readable;
}

/**
 * The part of an object store that the pipeline needs, the same for MinIO and Azure.
 * All calls have deadlines of their own and throw JobErrors.
 */
export interface ObjectStore {
  /** Bucket or container. */
  readonly container: string;
  /** Creates the bucket or container when it is missing. @throws OperatorError when that is not allowed. */
  ensureContainer(signal: AbortSignal): Promise<void>;
  /** @returns undefined when there is no such object. */
  stat(name: string, signal: AbortSignal): Promise<ObjectInfo | undefined>;
  /** Lists all objects below a prefix, page by page; a page is retried before the listing fails. */
  list(prefix: string, signal: AbortSignal): AsyncIterable<readonly ObjectInfo[]>;
  /**
   * Opens an object for reading.
   * @param options `ifMatch`: only this version of it.
   * @throws ObjectMissingError when there is none, ObjectChangedError when it is another version.
   */
  openRead(name: string, options: TransferOptions & { readonly ifMatch?: string }): Promise<OpenObject>;
  /** Removes an object; one that is not there counts as removed. */
  remove(name: string, signal: AbortSignal): Promise<void>;
  /** Closes idle connections. */
  close(): void;
}
