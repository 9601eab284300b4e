import { open } from 'node:fs/promises';
import type { Database } from '../../database/database.ts';
import { InterruptedError } from '../../domain/job-errors.ts';
import { parseVideoKey, videoDocumentId, type VideoKey } from '../../domain/video-key.ts';
import { youtubeUrl } from '../../media/yt-dlp-arguments.ts';
import { fileError } from '../../runtime/files.ts';
import { audited, type Actor } from '../audited.ts';

/** What became of the lines of an archive file. */
export interface ArchiveResult {
  /** Videos that were not known: they are recorded as skipped by a person. */
  readonly skipped: number;
  /** Videos that the record knows: they stay as they are. */
  readonly known: number;
  /** Lines of other sites, or that are no entry. */
  readonly ignored: number;
}

/** Longer lines are no entries. */
const MAX_LINE_LENGTH = 200;
const BATCH = 500;

/**
 * Records the videos of a download archive of yt-dlp (`--download-archive`: lines of site and id) as skipped, so that no listing downloads
 * what somebody has already. Safe to repeat and to interrupt. `npm run videos -- ID --unskip` archives one after all.
 * @throws JobError when the file cannot be read; InterruptedError
 */
export async function importArchive(
  file: string,
  { dryRun, signal }: { readonly dryRun: boolean; readonly signal: AbortSignal },
  actor: Actor,
  database: Database,
): Promise<ArchiveResult> {
  const run = async () => {
    const result = { skipped: 0, known: 0, ignored: 0 };
    for await (const { keys, ignored } of batchesOf(file)) {
      if (signal.aborted) throw new InterruptedError('The import was interrupted.');
      const known = new Set((await database.videos.states(keys)).map(({ key }) => videoDocumentId(key)));
      const missing = keys.filter((key) => !known.has(videoDocumentId(key)));
      if (!dryRun) {
        const skipReason = 'ignored' as const;
        await database.videos.discover(
          missing.map((key) => ({ key, url: youtubeUrl(key.videoId), skipReason })),
        );
      }
      result.skipped += missing.length;
      result.known += keys.length - missing.length;
      result.ignored += ignored;
    }
    return result;
  };
  return dryRun ? await run() : await audited(database, actor, { operation: 'import', targets: [file] }, run);
}

async function* batchesOf(file: string): AsyncGenerator<{ keys: VideoKey[]; ignored: number }, void> {
  const handle = await open(file).catch((error: unknown) => {
    throw fileError(error, file);
  });
  const keys = new Map<string, VideoKey>();
  let ignored = 0;
  try {
    for await (const line of handle.readLines({ encoding: 'utf8' })) {
      const text = line.slice(0, MAX_LINE_LENGTH).trim();
      if (text === '') continue;
      const [site, id, ...rest] = text.split(/\s+/);
      const key = rest.length === 0 ? parseVideoKey(site?.toLowerCase(), id) : undefined;
      if (key?.provider === 'youtube') keys.set(videoDocumentId(key), key);
      else ignored += 1;
      if (keys.size < BATCH) continue;
      yield { keys: [...keys.values()], ignored };
      keys.clear();
      ignored = 0;
    }
  } finally {
    await handle.close();
  }
  yield { keys: [...keys.values()], ignored };
}
