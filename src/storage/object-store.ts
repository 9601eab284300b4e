import type { Readable } from 'node:stream';

/** What a store knows of one object without reading it. */
export interface ObjectFacts {
  readonly name: string;
  readonly sizeBytes: number;
  /** As the store gives it, without quotes. Not an MD5 in general. */
  readonly etag: string;
  readonly lastModified: Date;
  /** Decoded user metadata; keys are lower case. Absent where a listing does not carry it. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Hexadecimal MD5 of the content, when the store holds one that was checked. */
  readonly md5?: string;
}

/** What every call to a store takes: a way to end it, and a way to tell of moved bytes. */
export interface TransferOptions {
  readonly signal: AbortSignal;
  readonly onBytes?: (moved: number) => void;
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
  stat(name: string, signal: AbortSignal): Promise<ObjectFacts | undefined>;
  /** Lists all objects below a prefix, page by page; a page is retried before the listing fails. */
  list(prefix: string, signal: AbortSignal): AsyncIterable<readonly ObjectFacts[]>;
  /** Opens an object for reading; every error of the transfer ends the stream with that error. */
  openRead(name: string, options: TransferOptions & { readonly ifMatch?: string }): Promise<Readable>;
  remove(name: string, signal: AbortSignal): Promise<void>;
}
