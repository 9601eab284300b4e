import { createReadStream } from 'node:fs';
import { stat as statFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import type { MinioConfig, StorageLimits } from '../config/config.ts';
import { interruptionOf, startWatchdog, withDeadline, type Watchdog } from '../runtime/deadline.ts';
import { OperatorError, TransientError } from '../runtime/job-errors.ts';
import { hexToBase64, missingFileOr } from './checksums.ts';
import { measureStream } from './measured-stream.ts';
import { encodeMetadata } from './metadata.ts';
import { putInParts } from './minio-multipart.ts';
import { assertObjectName } from './object-names.ts';
import type { ObjectFacts, ObjectStore, OpenObject, TransferOptions } from './object-store.ts';
import { withRetries } from './retries.ts';
import { S3Client, type S3Request } from './s3-client.ts';
import { s3Facts } from './s3-facts.ts';
import { parseListing } from './s3-xml.ts';
import { ObjectMissingError } from './storage-errors.ts';

/** A file on its way into the bucket. */
export interface PutFile {
  readonly name: string;
  /** Absolute path. */
  readonly file: string;
  readonly sizeBytes: number;
  /** Hexadecimal; the server checks it. */
  readonly md5: string;
  /** Hexadecimal; the server checks it. */
  readonly sha256: string;
  readonly contentType: string;
  /** Plain values; they are encoded here. `md5` and `sha256` are added. */
  readonly metadata: Readonly<Record<string, string | undefined>>;
}

/** Sizes that tests make smaller. */
export interface MultipartLimits {
  /** Files from this size on go up in parts. */
  readonly fromBytes: number;
  /** Size of a part; S3 wants at least 5 MiB. */
  readonly partBytes: number;
}

const MULTIPART: MultipartLimits = { fromBytes: 256 * 1024 ** 2, partBytes: 64 * 1024 ** 2 };
const LIST_PAGE = 1000;

/** Audio objects in MinIO or another S3 server. */
export class MinioStore implements ObjectStore {
  readonly container: string;
  readonly #client: S3Client;
  readonly #region: string;
  readonly #limits: StorageLimits;
  readonly #multipart: MultipartLimits;

  constructor(minio: MinioConfig, limits: StorageLimits, multipart: MultipartLimits = MULTIPART) {
    this.container = minio.bucket;
    this.#client = new S3Client(minio);
    this.#region = minio.region;
    this.#limits = limits;
    this.#multipart = multipart;
  }

  async ensureContainer(signal: AbortSignal): Promise<void> {
    const what = `looking for the bucket ${this.container}`;
    try {
      await this.#ask({ method: 'HEAD', what }, signal);
      return;
    } catch (error) {
      // A look at a bucket that is missing answers 404 without a body, thus mostly without a code.
      const isMissing =
        error instanceof ObjectMissingError ||
        (error instanceof OperatorError && error.errorClass === 'storage_missing');
      if (!isMissing) throw error;
    }
    const location =
      this.#region === 'us-east-1'
        ? ''
        : `<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><LocationConstraint>${this.#region}</LocationConstraint></CreateBucketConfiguration>`;
    try {
      const body = Buffer.from(location);
      await this.#ask({ method: 'PUT', body, what: `creating the bucket ${this.container}` }, signal);
    } catch (error) {
      // Another process may have been faster.
      await this.#ask({ method: 'HEAD', what }, signal).catch(() => {
        throw error;
      });
    }
  }

  async stat(name: string, signal: AbortSignal): Promise<ObjectFacts | undefined> {
    assertObjectName(name);
    try {
      const { head } = await this.#ask({ method: 'HEAD', name, what: `looking up ${name} in MinIO` }, signal);
      return s3Facts(name, head.headers);
    } catch (error) {
      if (error instanceof ObjectMissingError) return undefined;
      throw error;
    }
  }

  async *list(prefix: string, signal: AbortSignal): AsyncGenerator<readonly ObjectFacts[], void, undefined> {
    let token: string | undefined;
    do {
      const query = {
        'list-type': '2',
        'encoding-type': 'url',
        'max-keys': String(LIST_PAGE),
        prefix,
        ...(token === undefined ? {} : { 'continuation-token': token }),
      };
      const what = `listing the bucket ${this.container}`;
      const { text } = await this.#ask({ method: 'GET', query, what }, signal);
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
        () => this.#client.send({ method: 'GET', name, headers, what }, watchdog.signal),
        { signal: watchdog.signal },
      );
      const facts = s3Facts(name, response.headers);
      return { facts, stream: this.#bodyOf(response, facts.sizeBytes, { what, watchdog, options }) };
    } catch (error) {
      watchdog.stop();
      throw error;
    }
  }

  async remove(name: string, signal: AbortSignal): Promise<void> {
    assertObjectName(name);
    await this.#ask({ method: 'DELETE', name, what: `removing ${name} from MinIO` }, signal);
  }

  /**
   * Stores a file under its name, replacing what was there, then looks it up and compares.
   * @returns what the store now holds.
   * @throws TransientError `storage_mismatch` when that is not the file.
   */
  async putFile(put: PutFile, options: TransferOptions): Promise<ObjectFacts> {
    assertObjectName(put.name);
    const metadata = encodeMetadata({ md5: put.md5, sha256: put.sha256, ...put.metadata });
    const headers: Record<string, string> = { 'content-type': put.contentType };
    for (const [key, value] of Object.entries(metadata)) headers[`x-amz-meta-${key}`] = value;
    const what = `storing ${put.name} in MinIO`;
    await withDeadline(
      async (watchdog) => {
        const onBytes = (moved: number) => {
          watchdog.moved();
          options.onBytes?.(moved);
        };
        await assertFileSize(put);
        if (put.sizeBytes >= this.#multipart.fromBytes) {
          const { partBytes } = this.#multipart;
          const transfer = { signal: watchdog.signal, onBytes };
          await putInParts(this.#client, { ...put, headers, partBytes, what }, transfer);
        } else {
          await withRetries(() => this.#putWhole(put, headers, { what, watchdog, onBytes }), {
            signal: watchdog.signal,
          });
        }
      },
      { ...this.#limits, signal: options.signal, what },
    );
    return this.#verify(put, options.signal);
  }

  close(): void {
    this.#client.close();
  }

  async #putWhole(
    put: PutFile,
    headers: Readonly<Record<string, string>>,
    transfer: { what: string; watchdog: Watchdog; onBytes: (moved: number) => void },
  ): Promise<void> {
    const { what, watchdog, onBytes } = transfer;
    const explain = (error: unknown) => missingFileOr(error, put.file);
    const file = createReadStream(put.file, { highWaterMark: 256 * 1024 });
    const stream = measureStream(file, { expectedBytes: put.sizeBytes, onBytes, what, explain });
    try {
      await this.#client.sendForText(
        {
          method: 'PUT',
          name: put.name,
          headers: { ...headers, 'content-md5': hexToBase64(put.md5) },
          body: { stream, sizeBytes: put.sizeBytes },
          payloadSha256: put.sha256,
          what,
        },
        watchdog.signal,
      );
    } finally {
      stream.destroy();
    }
  }

  async #verify(put: PutFile, signal: AbortSignal): Promise<ObjectFacts> {
    const stored = await this.stat(put.name, signal);
    if (stored?.sizeBytes !== put.sizeBytes || stored.md5 !== put.md5) {
      throw new TransientError(
        'storage_mismatch',
        `${put.name} in MinIO is not the file that was sent: ${String(stored?.sizeBytes ?? 'no')} bytes there, ${String(put.sizeBytes)} sent.`,
      );
    }
    return stored;
  }

  /** A small request, repeated when the store is out of order. */
  #ask(request: S3Request, signal: AbortSignal): Promise<{ text: string; head: IncomingMessage }> {
    return withDeadline(
      (watchdog) =>
        withRetries(() => this.#client.sendForText(request, watchdog.signal), { signal: watchdog.signal }),
      // Nothing is counted during a small exchange; a silent peer must not hold it longer than a stall.
      { signal, deadlineMs: Math.min(this.#limits.stallMs, this.#limits.deadlineMs), what: request.what },
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

async function assertFileSize(put: PutFile): Promise<void> {
  const { size } = await statFile(put.file).catch((error: unknown) => {
    throw missingFileOr(error, put.file);
  });
  if (size !== put.sizeBytes) {
    throw new TransientError(
      'storage_mismatch',
      `${put.file} has ${String(size)} bytes, not ${String(put.sizeBytes)}.`,
    );
  }
}
