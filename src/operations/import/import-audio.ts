import { stat } from 'node:fs/promises';
import { addDownloadsByHand } from '../../backlog/add-downloads.ts';
import type { Config } from '../../config/config.ts';
import type { VideoDocument } from '../../database/collections/video.ts';
import type { Database } from '../../database/database.ts';
import { definedFields } from '../../domain/defined-fields.ts';
import { InterruptedError, OperatorError, SnoozeError, toJobError } from '../../domain/job-errors.ts';
import { videoDocumentId } from '../../domain/video-key.ts';
import { PERSON_SKIP_REASONS } from '../../domain/video-status.ts';
import { stageAudio, withChecks } from '../../media/audio-pipeline.ts';
import { createFileDownloader } from '../../media/file-downloader.ts';
import { audioTooLarge } from '../../media/media-errors.ts';
import type { JobQueues } from '../../queues/job-queues.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { Staging } from '../../staging/staging.ts';
import type { StagingGate } from '../../staging/staging-gate.ts';
import { checksumFile } from '../../storage/checksums.ts';
import { audited, type Actor } from '../audited.ts';
import { describeFile, type DescribedFile } from './describe-file.ts';

/**
 * `imported`: it is in staging, and the usual jobs store it. `archived`: its video has audio in the bucket. `on_its_way`: a job
 * archives it already. `skipped`: a person skipped or deleted the video. `duplicate`: another file, or another video, has the
 * same content or id. `failed`: see `error`.
 */
export type ImportOutcome = 'imported' | 'archived' | 'on_its_way' | 'skipped' | 'duplicate' | 'failed';

export interface ImportedFile {
  readonly file: string;
  readonly outcome: ImportOutcome;
  /** The `_id` of its video. */
  readonly id?: string;
  readonly title?: string;
  /** The file or the video that is the same. */
  readonly duplicateOf?: string;
  readonly error?: string;
}

export interface ImportOptions {
  /** Says what would be done, and changes nothing. */
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  readonly onFile?: (result: ImportedFile) => void;
  /** Staging is full: uploads must make room first. */
  readonly onWaiting?: (reason: string) => void;
}

export interface ImportDependencies {
  readonly media: Config['media'];
  readonly database: Database;
  readonly queues: JobQueues;
  readonly staging: Staging;
  readonly gate: StagingGate;
  readonly logger: Logger;
}

/** Longer lists are not kept in the audit. */
const MAX_TARGETS = 100;

/**
 * Makes videos of files: each is checked and converted like a download, put into staging, and goes its way by the usual jobs.
 * One that is bad stops no other. Safe to interrupt and to repeat: what is there already is left alone.
 * @param files absolute paths
 * @throws InterruptedError; OperatorError when no file could be imported: without ffmpeg, with a full disk
 */
export async function importAudio(
  files: readonly string[],
  options: ImportOptions,
  actor: Actor,
  dependencies: ImportDependencies,
): Promise<ImportedFile[]> {
  const importer = new Importer(options, dependencies);
  if (options.dryRun) return await importer.all(files);
  const target = { operation: 'import', targets: files.slice(0, MAX_TARGETS) };
  const results: ImportedFile[] = [];
  await audited(dependencies.database, actor, target, async () => {
    results.push(...(await importer.all(files)));
    return countOutcomes(results);
  });
  return results;
}

/** How many files had which outcome. */
export function countOutcomes(results: readonly ImportedFile[]): Record<ImportOutcome, number> {
  const counts = { imported: 0, archived: 0, on_its_way: 0, skipped: 0, duplicate: 0, failed: 0 };
  for (const { outcome } of results) counts[outcome] += 1;
  return counts;
}

class Importer {
  readonly #options: ImportOptions;
  readonly #dependencies: ImportDependencies;
  /** The files of this run by their content and by their video. */
  readonly #seen = new Map<string, string>();

  constructor(options: ImportOptions, dependencies: ImportDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
  }

  async all(files: readonly string[]): Promise<ImportedFile[]> {
    const { signal, onFile } = this.#options;
    const results: ImportedFile[] = [];
    for (const file of files) {
      if (signal.aborted) throw new InterruptedError('The import was interrupted.');
      const result = { file, ...(await this.#one(file)) };
      results.push(result);
      onFile?.(result);
    }
    return results;
  }

  async #one(file: string): Promise<Omit<ImportedFile, 'file'>> {
    try {
      return await this.#import(file);
    } catch (thrown) {
      const error = toJobError(thrown, this.#options.signal);
      if (error instanceof InterruptedError || error instanceof OperatorError) throw error;
      return { outcome: 'failed', error: error.message };
    }
  }

  async #import(file: string): Promise<Omit<ImportedFile, 'file'>> {
    const { database, media } = this.#dependencies;
    const { signal, dryRun } = this.#options;
    if ((await stat(file)).size > media.maxSizeBytes) throw audioTooLarge();
    const { sha256 } = await checksumFile(file, { signal });
    const described = await describeFile(file, sha256, { ffprobePath: media.ffprobePath, signal });
    const id = videoDocumentId(described.key);
    const row = definedFields({ id, title: described.description.title });
    const duplicateOf =
      this.#seen.get(sha256) ?? this.#seen.get(id) ?? (await database.search.withContent(sha256, id));
    this.#seen.set(sha256, file).set(id, file);
    if (duplicateOf !== undefined) return { ...row, outcome: 'duplicate', duplicateOf };
    const video = await database.videos.find(described.key);
    const outcome = await this.#whyNot(described, video);
    if (outcome === undefined && !dryRun) await this.#stage(described, video);
    return { ...row, outcome: outcome ?? 'imported' };
  }

  /** Why a file is left alone; undefined when it is imported. */
  async #whyNot(
    { key }: DescribedFile,
    video: VideoDocument | undefined,
  ): Promise<ImportOutcome | undefined> {
    switch (video?.status) {
      case undefined:
        return undefined;
      case 'stored':
      case 'mirrored':
        return 'archived';
      case 'downloaded':
        return 'on_its_way';
      case 'discovered':
        return (await this.#dependencies.staging.findStaged(key)) === undefined ? undefined : 'on_its_way';
      case 'retrying':
      case 'failed':
        // Further on, there is audio of it already.
        return video.error?.stage === 'download' ? undefined : 'on_its_way';
      case 'skipped':
        return video.skip_reason && PERSON_SKIP_REASONS.includes(video.skip_reason) ? 'skipped' : undefined;
    }
  }

  async #stage(described: DescribedFile, video: VideoDocument | undefined): Promise<void> {
    const { database, queues, media, staging, logger } = this.#dependencies;
    const { key } = described;
    const context = { signal: this.#options.signal, logger, onProgress: () => undefined };
    const downloader = withChecks(media, createFileDownloader(media, described));
    await this.#whenThereIsRoom(async (onStaged) => {
      // The record before the file: reconcile removes staged files of videos that are not on their way.
      const staged = await stageAudio(key, downloader, staging, context, () => this.#begin(described, video));
      onStaged(key, staged.sizeBytes);
    });
    const round = (await database.videos.find(key))?.round ?? 0;
    // The download job finds the file in staging and hands it over; a crash before this line is repaired by reconcile.
    await addDownloadsByHand([{ key, round }], { database, queues });
  }

  async #begin({ key, description }: DescribedFile, video: VideoDocument | undefined): Promise<void> {
    const { videos, repairs } = this.#dependencies.database;
    if (video === undefined) {
      await videos.discover([{ key, ...description }]);
    } else if (video.status === 'failed' || video.status === 'retrying') {
      await repairs.retry(key);
    } else if (video.status === 'skipped') {
      await repairs.reopen([{ key, status: video.status, round: video.round }], new Date());
    }
  }

  async #whenThereIsRoom(work: Parameters<StagingGate['runWithReservation']>[1]): Promise<void> {
    const { signal, onWaiting } = this.#options;
    for (;;) {
      try {
        await this.#dependencies.gate.runWithReservation(undefined, work);
        return;
      } catch (error) {
        if (!(error instanceof SnoozeError) || error.waitUntilReady === undefined) throw error;
        onWaiting?.(error.message);
        await error.waitUntilReady(signal);
        if (signal.aborted) throw new InterruptedError('The import was interrupted.');
      }
    }
  }
}
