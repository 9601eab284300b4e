import { open, realpath, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { OperatorError, PermanentError } from '../domain/job-errors.ts';
import { parseVideoKey, PROVIDERS, type VideoKey } from '../domain/video-key.ts';
import type { StagedAudio } from '../media/audio-downloader.ts';
import { fileError, namesIn, readIfThere, statIfThere } from '../runtime/files.ts';
import { makeOwnDirectory, makePrivateDirectory } from './private-directory.ts';
import { formatStagedMetadata, parseStagedMetadata, type StagedMetadata } from './staged-metadata.ts';
import { STAGED_FORMATS, parseMetadataName, parseStagedName, stagedBaseName } from './staging-names.ts';
import { createWorkDirectory, pruneWorkDirectories } from './work-directories.ts';

interface StagedFile {
  readonly key: VideoKey;
  /** Absolute path. */
  readonly file: string;
  readonly sizeBytes: number;
}

export type Staging = ReturnType<typeof createStaging>;

/**
 * The directory where finished audio files wait for their upload: `<provider>/<videoId>.<checksum>.<format>`, each with a
 * metadata file (`.json`) beside it, and `work/<unique>` for running jobs. Only this user may enter them. Creates no directory before it is needed. All
 * methods throw JobErrors.
 */
export function createStaging(root: string) {
  const workRoot = path.join(root, 'work');
  const pathOf = async (key: VideoKey): Promise<string> => {
    // Checked at run time, as an invalid id could lead out of the directory.
    if (parseVideoKey(key.provider, key.videoId) === undefined) {
      throw new PermanentError('unsupported', 'Invalid video id.');
    }
    const directory = path.join(root, key.provider);
    await makePrivateDirectory(root);
    await makeOwnDirectory(directory);
    // A symbolic link would lead out of the staging directory.
    if ((await realpath(directory)) !== path.join(await realpath(root), key.provider)) {
      throw new OperatorError('local_configuration', `${directory} must not be a symbolic link.`);
    }
    return path.join(directory, stagedBaseName(key));
  };
  const find = async (key: VideoKey): Promise<StagedFile | undefined> => {
    const base = await pathOf(key);
    for (const format of STAGED_FORMATS) {
      const staged = await stagedFile(key, `${base}.${format}`);
      if (staged !== undefined) return staged;
    }
    return undefined;
  };
  const remove = async (key: VideoKey): Promise<void> => {
    const base = await pathOf(key);
    for (const extension of [...STAGED_FORMATS, 'json']) await rm(`${base}.${extension}`, { force: true });
  };
  const withFileErrors = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw fileError(error, what);
    }
  };

  return {
    /** Creates a directory for one job. @returns its absolute path. */
    createWorkDirectory: () =>
      withFileErrors('Creating a work directory', () => createWorkDirectory(workRoot)),
    removeWorkDirectory: (directory: string) =>
      rm(directory, { recursive: true, force: true, maxRetries: 3 }),
    /**
     * Removes the work directories of dead workers after killing the programs that still run in them: immediately for
     * workers of this machine and container, else when they have not changed for this long.
     * @returns the number of removed directories.
     */
    pruneWorkDirectories: (olderThanMs: number) =>
      withFileErrors('Pruning the work directories', () => pruneWorkDirectories(workRoot, olderThanMs)),
    /** Moves a finished file from a work directory into staging, atomically and durably. */
    put: (key: VideoKey, workFile: string, metadata: StagedMetadata) =>
      withFileErrors('Staging a file', async (): Promise<StagedAudio> => {
        const base = await pathOf(key);
        const metadataFile = `${workFile}.json`;
        await writeFile(metadataFile, formatStagedMetadata(metadata), { flush: true });
        await syncFile(workFile);
        const file = `${base}.${metadata.format}`;
        await rename(metadataFile, `${base}.json`);
        await rename(workFile, file);
        // Files of an earlier profile would only take up space.
        for (const format of STAGED_FORMATS) {
          if (format !== metadata.format) await rm(`${base}.${format}`, { force: true });
        }
        await syncFile(path.dirname(file));
        return { ...metadata, file };
      }),
    /** The staged file of a video, with or without valid metadata. */
    findStaged: (key: VideoKey) => withFileErrors('Looking for a staged file', () => find(key)),
    /** The staged file with its metadata; undefined when either is missing or the size differs. */
    readStaged: (key: VideoKey) =>
      withFileErrors('Reading a staged file', async (): Promise<StagedAudio | undefined> => {
        const staged = await find(key);
        if (staged === undefined) return undefined;
        const text = await readIfThere(`${await pathOf(key)}.json`);
        const metadata = text === undefined ? undefined : parseStagedMetadata(text);
        const isConsistent =
          metadata?.sizeBytes === staged.sizeBytes && staged.file.endsWith(`.${metadata.format}`);
        return isConsistent ? { ...metadata, file: staged.file } : undefined;
      }),
    listStaged: async function* (): AsyncIterable<StagedFile> {
      for await (const { provider, name, file } of filesIn(root)) {
        const parsed = parseStagedName(provider, name);
        const staged = parsed === undefined ? undefined : await stagedFile(parsed.key, file);
        if (staged !== undefined) yield staged;
      }
    },
    /** The videos of metadata files of at least this age without an audio file: their worker died between the two. */
    listOrphanedMetadata: async function* (olderThanMs: number): AsyncIterable<VideoKey> {
      for await (const { provider, name, file } of filesIn(root)) {
        const key = parseMetadataName(provider, name);
        if (key === undefined) continue;
        const changedAt = (await statIfThere(file))?.mtimeMs ?? Infinity;
        if (Date.now() - changedAt >= olderThanMs && (await find(key)) === undefined) yield key;
      }
    },
    removeStaged: (key: VideoKey) => withFileErrors('Removing a staged file', () => remove(key)),
  };
}

async function* filesIn(root: string) {
  for (const provider of PROVIDERS) {
    const directory = path.join(root, provider);
    for await (const name of namesIn(directory)) yield { provider, name, file: path.join(directory, name) };
  }
}

async function stagedFile(key: VideoKey, file: string): Promise<StagedFile | undefined> {
  const stats = await statIfThere(file);
  return stats?.isFile() === true ? { key, file, sizeBytes: stats.size } : undefined;
}

/** Makes a file, or the entries of a directory, survive a power failure. */
async function syncFile(file: string): Promise<void> {
  // No `await using`: Node 22 has no such syntax.
  const handle = await open(file, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
