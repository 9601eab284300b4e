import { open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { OperatorError, PermanentError } from '../domain/job-errors.ts';
import { parseVideoKey, PROVIDERS, type VideoKey } from '../domain/video-key.ts';
import type { StagedAudio } from '../media/audio-downloader.ts';
import { namesIn, readIfThere, statIfThere, withFileErrors } from '../runtime/files.ts';
import { uploadAudio } from '../storage/upload-audio.ts';
import { makeOwnDirectory, makePrivateDirectory } from './private-directory.ts';
import { formatStagedMetadata, parseStagedMetadata } from './staged-metadata.ts';
import type { StagedFile, Staging } from './staging.ts';
import { readStagingId } from './staging-id.ts';
import { STAGED_FORMATS, parseMetadataName, parseStagedName, stagedBaseName } from './staging-names.ts';
import { workDirectoriesIn } from './work-directories.ts';

/**
 * Staging as a directory that download and upload workers share: `<provider>/<videoId>.<checksum>.<format>`, each with a
 * metadata file (`.json`) beside it, and `work/<unique>` for running jobs. Only this user may enter them. Creates no
 * directory before it is needed.
 */
export function createDirectoryStaging(root: string): Staging {
  /** Those that this process has made or closed to others. */
  const made = new Set<string>();
  const realpathOfOwn = async (directory: string): Promise<string> => {
    if (made.has(directory)) {
      try {
        return await realpath(directory);
      } catch {
        // Somebody removed it; it is made again.
      }
    }
    await makePrivateDirectory(root);
    await makeOwnDirectory(directory);
    made.add(directory);
    return await realpath(directory);
  };
  const pathOf = async (key: VideoKey): Promise<string> => {
    // Checked at run time, as an invalid id could lead out of the directory.
    if (parseVideoKey(key.provider, key.videoId) === undefined) {
      throw new PermanentError('unsupported', 'Invalid video id.');
    }
    const directory = path.join(root, key.provider);
    // A symbolic link would lead out of the staging directory.
    if ((await realpathOfOwn(directory)) !== path.join(await realpath(root), key.provider)) {
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
  async function* listStaged(): AsyncGenerator<StagedFile, void> {
    for await (const { provider, name, file } of filesIn(root)) {
      const parsed = parseStagedName(provider, name);
      const staged = parsed === undefined ? undefined : await stagedFile(parsed.key, file);
      if (staged !== undefined) yield staged;
    }
  }

  return {
    ...workDirectoriesIn(root),
    isOnWorkDisk: true,
    id: () => readStagingId(root),
    // Directories are made when they are needed.
    prepare: () => Promise.resolve(),
    // The disk is that of the work directories, which is probed for both forms.
    probe: () => Promise.resolve(),
    isReachable: async () => (await stat(root).catch(() => undefined))?.isDirectory() === true,
    // Atomically and durably: the metadata first, as the audio file is what is looked for.
    put: (key, workFile, metadata) =>
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
    findStaged: (key) => withFileErrors('Looking for a staged file', () => find(key)),
    readStaged: (key) =>
      withFileErrors('Reading a staged file', async (): Promise<StagedAudio | undefined> => {
        const base = await pathOf(key);
        const text = await readIfThere(`${base}.json`);
        const metadata = text === undefined ? undefined : parseStagedMetadata(text);
        if (metadata === undefined) return undefined;
        const file = `${base}.${metadata.format}`;
        const staged = await stagedFile(key, file);
        return metadata.sizeBytes === staged?.sizeBytes ? { ...metadata, file } : undefined;
      }),
    upload: (staged, audio, store, options) => uploadAudio(store, { ...audio, file: staged.file }, options),
    listStaged,
    listSizes: listStaged,
    // Metadata files without an audio file.
    listUnfinished: async function* (olderThanMs): AsyncIterable<VideoKey> {
      for await (const { provider, name, file } of filesIn(root)) {
        const key = parseMetadataName(provider, name);
        if (key === undefined) continue;
        const changedAt = (await statIfThere(file))?.mtimeMs ?? Infinity;
        if (Date.now() - changedAt >= olderThanMs && (await find(key)) === undefined) yield key;
      }
    },
    removeStaged: (key) => withFileErrors('Removing a staged file', () => remove(key)),
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
