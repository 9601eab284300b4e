import { mkdir, open, realpath, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { OperatorError, PermanentError } from '../domain/job-errors.ts';
import { parseVideoKey, type VideoKey } from '../domain/video-key.ts';
import type { StagedAudio } from '../media/audio-downloader.ts';
import { fileError } from '../runtime/file-errors.ts';
import { readStagedMetadata, writeStagedMetadata, type StagedMetadata } from './staged-metadata.ts';
import { STAGED_FORMATS, parseMetadataName, parseStagedName, stagedBaseName } from './staging-names.ts';
import { namesIn, readIfThere, statIfThere } from '../runtime/directory-reading.ts';
import { createWorkDirectory, pruneWork } from './work-directories.ts';

/** A staged file as the directory shows it. */
interface StagedFile {
  readonly key: VideoKey;
  /** Absolute path. */
  readonly file: string;
  readonly sizeBytes: number;
}

/**
 * The directory where finished audio waits for its upload: `<provider>/<videoId>.<checksum>.<format>` with a metadata
 * file beside it, and `work/<unique>` for jobs that run. All methods throw JobErrors.
 */
export interface Staging {
  /** Makes a directory of one job's own. */
  createWorkDirectory(): Promise<string>;
  removeWorkDirectory(directory: string): Promise<void>;
  /**
   * Removes the work directories of workers that died, after ending the programs that still run there: at once where
   * the worker's end is certain (this machine and container), else when nothing has touched them for this long.
   * @returns how many were removed.
   */
  pruneWork(olderThanMs: number): Promise<number>;
  /** Moves a finished file of a work directory to its place: it is there whole or not at all, even after a crash. */
  put(key: VideoKey, workFile: string, metadata: StagedMetadata): Promise<StagedAudio>;
  /** The staged file of a video, whether or not its metadata are known. */
  findStaged(key: VideoKey): Promise<StagedFile | undefined>;
  /** The staged file with its metadata; undefined when either is missing or the size is another one. */
  readStaged(key: VideoKey): Promise<StagedAudio | undefined>;
  listStaged(): AsyncIterable<StagedFile>;
  /** The videos of metadata files of at least this age beside which no audio stands: their worker died between the two. */
  listOrphanedMetadata(olderThanMs: number): AsyncIterable<VideoKey>;
  removeStaged(key: VideoKey): Promise<void>;
}

const PROVIDERS = ['youtube', 'http'] as const;

/** Opens the staging directory; nothing is created before it is needed. */
export function createStaging(root: string): Staging {
  const workRoot = path.join(root, 'work');
  const placeOf = async (key: VideoKey): Promise<string> => {
    // Types are no proof: a name that is no id must not become a path.
    if (parseVideoKey(key.provider, key.videoId) === undefined) {
      throw new PermanentError('unsupported', 'This is not the id of a video.');
    }
    const directory = path.join(root, key.provider);
    await mkdir(directory, { recursive: true });
    // A link here would carry files of ours out of the staging directory, or others' into it.
    if ((await realpath(directory)) !== path.join(await realpath(root), key.provider)) {
      throw new OperatorError('local_configuration', `${key.provider} in the staging directory is a link.`);
    }
    return path.join(directory, stagedBaseName(key));
  };
  const find = async (key: VideoKey): Promise<StagedFile | undefined> => {
    const place = await placeOf(key);
    for (const format of STAGED_FORMATS) {
      const file = `${place}.${format}`;
      const found = await statIfThere(file);
      if (found?.isFile() === true) return { key, file, sizeBytes: found.size };
    }
    return undefined;
  };
  const remove = async (key: VideoKey): Promise<void> => {
    const place = await placeOf(key);
    for (const extension of [...STAGED_FORMATS, 'json']) await rm(`${place}.${extension}`, { force: true });
  };
  const guarded = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw fileError(error, what);
    }
  };

  return {
    createWorkDirectory: () => guarded('Making a work directory', () => createWorkDirectory(workRoot)),
    removeWorkDirectory: (directory) => rm(directory, { recursive: true, force: true, maxRetries: 3 }),
    pruneWork: (olderThanMs) =>
      guarded('Looking through the work directories', () => pruneWork(workRoot, olderThanMs)),
    put: (key, workFile, metadata) =>
      guarded('Staging a file', async () => {
        const place = await placeOf(key);
        const factsFile = `${workFile}.json`;
        await writeThrough(factsFile, writeStagedMetadata(metadata));
        await syncFile(workFile);
        const file = `${place}.${metadata.format}`;
        await rename(factsFile, `${place}.json`);
        await rename(workFile, file);
        // What an earlier profile left; with the new metadata it would only take up space.
        for (const format of STAGED_FORMATS) {
          if (format !== metadata.format) await rm(`${place}.${format}`, { force: true });
        }
        await syncFile(path.dirname(file));
        return { ...metadata, file };
      }),
    findStaged: (key) => guarded('Looking for a staged file', () => find(key)),
    readStaged: (key) =>
      guarded('Reading a staged file', async () => {
        const staged = await find(key);
        if (staged === undefined) return undefined;
        const text = await readIfThere(`${await placeOf(key)}.json`);
        const metadata = text === undefined ? undefined : readStagedMetadata(text);
        if (metadata?.sizeBytes !== staged.sizeBytes || !staged.file.endsWith(`.${metadata.format}`))
          return undefined;
        return { ...metadata, file: staged.file };
      }),
    listStaged: () => listStaged(root),
    listOrphanedMetadata: async function* (olderThanMs) {
      for await (const { key, file } of listFacts(root)) {
        const touchedAt = (await statIfThere(file))?.mtimeMs ?? Infinity;
        if (Date.now() - touchedAt >= olderThanMs && (await find(key)) === undefined) yield key;
      }
    },
    removeStaged: (key) => guarded('Removing a staged file', () => remove(key)),
  };
}

async function* listStaged(root: string): AsyncGenerator<StagedFile> {
  for (const provider of PROVIDERS) {
    const directory = path.join(root, provider);
    for await (const name of namesIn(directory)) {
      const parsed = parseStagedName(provider, name);
      if (parsed === undefined) continue;
      const file = path.join(directory, name);
      const found = await statIfThere(file);
      if (found?.isFile() === true) yield { key: parsed.key, file, sizeBytes: found.size };
    }
  }
}

async function* listFacts(root: string): AsyncGenerator<{ readonly key: VideoKey; readonly file: string }> {
  for (const provider of PROVIDERS) {
    const directory = path.join(root, provider);
    for await (const name of namesIn(directory)) {
      const key = parseMetadataName(provider, name);
      if (key !== undefined) yield { key, file: path.join(directory, name) };
    }
  }
}

async function writeThrough(file: string, text: string): Promise<void> {
  await writeFile(file, text, { flush: true });
}

/** Makes a file, or the names in a directory, outlast a power cut. */
async function syncFile(file: string): Promise<void> {
  // No `await using`: Node 22 cannot read it.
  const handle = await open(file, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
