import type { Database } from '../database/database.ts';
import { JobError, OperatorError, toError } from '../domain/job-errors.ts';
import { videoDocumentId, type VideoKey } from '../domain/video-key.ts';
import { parseAudioObjectName } from '../storage/object-names.ts';
import type { ObjectInfo } from '../storage/object-store.ts';
import { ObjectChangedError } from '../storage/storage-errors.ts';
import type { CopyResult } from './copy-object.ts';

const BATCH = 200;
/** Copies wait when so many results have not been written yet. */
const MAX_WAITING = 2000;

export interface MirrorRecordsDependencies {
  /** Gives the database, for the first result: with nothing to copy it is not needed. */
  readonly openDatabase: () => Promise<Pick<Database, 'videos' | 'decisions'>>;
  /** Removes a blob if it still is this version. @throws ObjectChangedError when it is another one */
  readonly removeBlob: (name: string, etag: string) => Promise<void>;
}

interface Blob {
  readonly key: VideoKey;
  readonly name: string;
  readonly etag: string;
}

type Copy = Blob & { readonly mirror: CopyResult & { readonly at: Date } };

/**
 * Records in MongoDB which audio is mirrored, many at once. A copy that was under way while a person deleted its video everywhere
 * is removed again: when its result is recorded, or, after a crash before that, when a later plan meets it as a blob without
 * an object.
 */
export class MirrorRecords {
  readonly #dependencies: MirrorRecordsDependencies;
  #waiting: Copy[] = [];
  #extra: Blob[] = [];
  #writing: Promise<void> = Promise.resolve();

  constructor(dependencies: MirrorRecordsDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Takes a result, which `flush` or a later call writes. Objects that are not audio have no record.
   * @throws OperatorError `record_unavailable` when results could not be written; the error of the store when a blob could not be
   *   removed.
   */
  async add(name: string, result: CopyResult): Promise<void> {
    const audio = parseAudioObjectName(name);
    if (audio === undefined) return;
    const { etag } = result;
    this.#waiting.push({ key: audio.key, name, etag, mirror: { ...result, at: new Date() } });
    await this.#taken(this.#waiting.length);
  }

  /** Takes a blob that the bucket does not have. @throws as `add` */
  async addExtra({ name, etag }: ObjectInfo): Promise<void> {
    const audio = parseAudioObjectName(name);
    if (audio === undefined) return;
    this.#extra.push({ key: audio.key, name, etag });
    await this.#taken(this.#extra.length);
  }

  /** Writes what waits. @throws as `add` */
  async flush(): Promise<void> {
    await this.#writeSoon();
    // A write that failed left its results waiting.
    if (this.#waiting.length + this.#extra.length > 0) await this.#write();
  }

  async #taken(waiting: number): Promise<void> {
    if (waiting % BATCH === 0) void this.#writeSoon();
    if (waiting >= MAX_WAITING) await this.flush();
  }

  /** One write after the other. The next write, or `flush`, meets what goes wrong. */
  #writeSoon(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write()).catch(() => undefined);
    return this.#writing;
  }

  async #write(): Promise<void> {
    const [copies, extra] = [this.#waiting, this.#extra];
    if (copies.length + extra.length === 0) return;
    [this.#waiting, this.#extra] = [[], []];
    try {
      const { videos, decisions } = await this.#dependencies.openDatabase();
      const confirmed = await videos.confirmMirrored(
        copies.map(({ key, mirror: { container, name, etag, sizeBytes: size, md5, at } }) => ({
          key,
          mirror: { container, name, etag, size, md5, at },
        })),
      );
      // All others are as the record wants them.
      const doubtful = [...(confirmed < copies.length ? copies : []), ...extra];
      if (doubtful.length > 0) await this.#removeDeleted(doubtful, decisions);
    } catch (cause) {
      this.#waiting = [...copies, ...this.#waiting];
      this.#extra = [...extra, ...this.#extra];
      if (cause instanceof JobError) throw cause;
      throw new OperatorError('record_unavailable', `MongoDB cannot be used: ${toError(cause).message}`, {
        cause,
      });
    }
  }

  async #removeDeleted(blobs: readonly Blob[], decisions: Database['decisions']): Promise<void> {
    const deleted = await decisions.deletedEverywhere(blobs.map(({ key }) => key));
    for (const { key, name, etag } of blobs) {
      if (!deleted.has(videoDocumentId(key))) continue;
      try {
        await this.#dependencies.removeBlob(name, etag);
      } catch (error) {
        // Who wrote the other version meets the record too.
        if (!(error instanceof ObjectChangedError)) throw error;
      }
    }
  }
}
