import type { Database } from '../database/database.ts';
import { OperatorError, toError } from '../domain/job-errors.ts';
import type { VideoKey } from '../domain/video-key.ts';
import { parseAudioObjectName } from '../storage/object-names.ts';
import type { CopyResult } from './copy-object.ts';

const BATCH = 200;
/** Copies wait when so many results have not been written yet. */
const MAX_WAITING = 2000;

/** Records in MongoDB which audio is mirrored, many at once. */
export class MirrorRecords {
  readonly #open: () => Promise<Pick<Database, 'videos'>>;
  #waiting: { readonly key: VideoKey; readonly mirror: CopyResult & { readonly at: Date } }[] = [];
  #writing: Promise<void> = Promise.resolve();

  /** @param open gives the database, for the first result: with nothing to copy it is not needed. */
  constructor(open: () => Promise<Pick<Database, 'videos'>>) {
    this.#open = open;
  }

  /**
   * Takes a result, which `flush` or a later call writes. Objects that are not audio have no record.
   * @throws OperatorError `record_unavailable` when results could not be written.
   */
  async add(name: string, result: CopyResult): Promise<void> {
    const audio = parseAudioObjectName(name);
    if (audio === undefined) return;
    this.#waiting.push({ key: audio.key, mirror: { ...result, at: new Date() } });
    if (this.#waiting.length % BATCH === 0) void this.#writeSoon();
    if (this.#waiting.length >= MAX_WAITING) await this.flush();
  }

  /** Writes what waits. @throws OperatorError `record_unavailable` */
  async flush(): Promise<void> {
    await this.#writeSoon();
    // A write that failed left its results waiting.
    if (this.#waiting.length > 0) await this.#write();
  }

  /** One write after the other. The next write, or `flush`, meets what goes wrong. */
  #writeSoon(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write()).catch(() => undefined);
    return this.#writing;
  }

  async #write(): Promise<void> {
    const batch = this.#waiting;
    if (batch.length === 0) return;
    this.#waiting = [];
    try {
      const { videos } = await this.#open();
      await videos.confirmMirrored(
        batch.map(({ key, mirror: { container, name, etag, sizeBytes: size, md5, at } }) => ({
          key,
          mirror: { container, name, etag, size, md5, at },
        })),
      );
    } catch (cause) {
      this.#waiting = [...batch, ...this.#waiting];
      throw new OperatorError('record_unavailable', `MongoDB cannot be used: ${toError(cause).message}`, {
        cause,
      });
    }
  }
}
