import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Database } from '../database/database.ts';
import type { ArchivedVideo } from '../database/video-search.ts';
import { InterruptedError, OperatorError, toJobError, TransientError } from '../domain/job-errors.ts';
import { forEachConcurrently } from '../runtime/concurrency.ts';
import { fileError } from '../runtime/files.ts';
import { UserError } from '../runtime/user-error.ts';
import { checksumFile } from '../storage/checksums.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { plainText } from '../text/plain-text.ts';
import { audited, type Actor } from './audited.ts';
import { ExportFiles } from './export-files.ts';
import { exportName, safeText } from './export-names.ts';

export interface ExportOptions {
  readonly directory: string;
  /** Only the videos that this playlist contains, in its order. */
  readonly playlistId?: string;
  /** Only what was archived since then. */
  readonly since?: Date;
  /** Template of the names; see `namesInput`. */
  readonly names: string;
  readonly signal: AbortSignal;
  /** @param seen files looked at so far @param bytes copied so far */
  readonly onProgress?: (seen: number, bytes: number) => void;
}

export interface ExportResult {
  readonly directory: string;
  /** The list of the files, for players; relative to the directory. */
  readonly list: string;
  readonly exported: number;
  /** Complete before the export began. */
  readonly unchanged: number;
  readonly bytes: number;
  readonly failed: readonly { readonly id: string; readonly message: string }[];
}

interface ExportDependencies {
  readonly database: Database;
  readonly store: ObjectStore;
}

const CONCURRENCY = 4;
const MAX_TEXT_LENGTH = 200;

/**
 * Copies archived audio out of the bucket into files with readable names, and writes a list of them for players (M3U).
 * Each file is checked against the record and appears under its name only when it is complete. Safe to interrupt and to
 * repeat: complete files are not copied again, files that it did not make are never replaced.
 * @throws UserError while another export writes to the directory; OperatorError when the directory cannot be written or the disk is full; a single object that cannot be read is a
 *   part of the result.
 */
export async function exportAudio(
  options: ExportOptions,
  actor: Actor,
  dependencies: ExportDependencies,
): Promise<ExportResult> {
  const { directory, playlistId } = options;
  const targets = [path.resolve(directory), ...(playlistId === undefined ? [] : [playlistId])];
  return await audited(dependencies.database, actor, { operation: 'export', targets }, () =>
    runExport(options, dependencies),
  );
}

interface ExportedVideo {
  readonly video: ArchivedVideo;
  readonly file: string;
}

async function runExport(options: ExportOptions, dependencies: ExportDependencies): Promise<ExportResult> {
  const { directory } = options;
  const files = await ExportFiles.open(directory).catch((error: unknown) => {
    throw error instanceof UserError ? error : fileError(error, directory);
  });
  try {
    return await exportTo(files, options, dependencies);
  } finally {
    files.close();
  }
}

async function exportTo(
  files: ExportFiles,
  { directory, playlistId, since, names, signal, onProgress }: ExportOptions,
  { database, store }: ExportDependencies,
): Promise<ExportResult> {
  const failed: { id: string; message: string }[] = [];
  const rows = new Map<string, ExportedVideo>();
  let exported = 0;
  let unchanged = 0;
  let older = 0;
  let bytes = 0;
  const report = () => onProgress?.(exported + unchanged + older + failed.length, bytes);

  /** Names are chosen one after another, so that each name is given once. */
  async function* tasks(): AsyncGenerator<ExportedVideo, void> {
    for await (const video of database.search.archived(playlistId)) {
      const { size, md5, format } = video.audio;
      const isWanted = since === undefined || (video.stored_at ?? video.updated_at) >= since;
      const complete = await files.find(video._id, { size, md5 });
      if (!isWanted) older += 1;
      if (!isWanted && complete === undefined) continue;
      const file = await files.claim(video._id, exportName(video, names), format, video.video_id, md5);
      rows.set(video._id, { video, file });
      if (complete === undefined) {
        yield { video, file };
        continue;
      }
      await files.renameTo(video._id, file);
      if (isWanted) unchanged += 1;
      report();
    }
  }

  try {
    await forEachConcurrently(
      tasks,
      { concurrency: CONCURRENCY, signal },
      async ({ video, file }, workSignal) => {
        try {
          await copyFile(video, file, files, store, workSignal, (moved) => {
            bytes += moved;
            report();
          });
          exported += 1;
        } catch (thrown) {
          const error = toJobError(fileError(thrown, file), signal);
          if (error instanceof InterruptedError || error instanceof OperatorError) throw error;
          failed.push({ id: video._id, message: error.message });
          rows.delete(video._id);
        }
        report();
      },
    );
  } catch (thrown) {
    throw fileError(thrown, directory);
  }
  const playlist = playlistId === undefined ? undefined : await database.playlists.findById(playlistId);
  const title = playlist?.title ?? playlistId ?? 'Sonothèque';
  const list = `${safeText(plainText(title, 80))}.m3u8`;
  const ordered = [...rows.values()];
  if (playlistId === undefined) ordered.sort((left, right) => left.file.localeCompare(right.file, 'en'));
  await files.writeText(list, formatM3u(title, ordered));
  return { directory, list, exported, unchanged, bytes, failed };
}

/** The object is read, compared with the record, and put in its place. */
async function copyFile(
  { _id: id, audio }: ArchivedVideo,
  file: string,
  files: ExportFiles,
  store: ObjectStore,
  signal: AbortSignal,
  onBytes: (moved: number) => void,
): Promise<void> {
  const part = files.newPart();
  try {
    const { stream } = await store.openRead(audio.key, { signal, onBytes });
    await pipeline(stream, createWriteStream(part), { signal });
    const { md5, sizeBytes } = await checksumFile(part, { signal });
    if (sizeBytes !== audio.size || (audio.md5 !== undefined && audio.md5 !== md5)) {
      throw new TransientError(
        'storage_mismatch',
        `${audio.key} is not the object of the record. \`npm run reconcile\` repairs that.`,
      );
    }
    await files.finish(part, { id, file, sizeBytes, md5 });
  } finally {
    await rm(part, { force: true });
  }
}

/** Extended M3U; every player takes UTF-8 in `.m3u8`, and paths that are relative to the list. */
function formatM3u(title: string, rows: readonly ExportedVideo[]): string {
  const lines = rows.flatMap(({ video, file }) => {
    const seconds = Math.round(video.audio.duration ?? video.duration ?? -1);
    const name = [video.author, video.title ?? video.video_id].filter(Boolean).join(' - ');
    return [`#EXTINF:${String(seconds)},${plainText(name, MAX_TEXT_LENGTH)}`, file];
  });
  return ['#EXTM3U', `#PLAYLIST:${plainText(title, MAX_TEXT_LENGTH)}`, ...lines, ''].join('\n');
}
