import { rename, symlink } from 'node:fs/promises';
import path from 'node:path';
import type { MediaConfig } from '../config/config.ts';
import { definedFields } from '../domain/defined-fields.ts';
import { fileError } from '../runtime/files.ts';
import type { AudioDownloader, VideoDescription } from './audio-downloader.ts';
import { probeSource } from './probe.ts';
import { extensionOf, isFinishedMp3 } from './source-format.ts';

/** A file of a person that becomes the audio of a video. */
export interface SourceFile {
  /** Absolute path. */
  readonly file: string;
  /** A picture beside it. Absolute path. */
  readonly coverFile?: string;
  readonly description: VideoDescription;
}

/** Takes a file in place of a download. The file itself is only read: the work directory gets a link to it. */
export function createFileDownloader(
  { ffprobePath }: Pick<MediaConfig, 'ffprobePath'>,
  source: SourceFile,
): AudioDownloader {
  return {
    name: 'file',
    fetch: async (_key, workDirectory, { signal, onProgress }) => {
      onProgress({ stage: 'extract' });
      const link = path.join(workDirectory, 'imported');
      await symlinkTo(source.file, link);
      const found = await probeSource(ffprobePath, link, signal);
      const file = `${link}.${extensionOf(found)}`;
      await rename(link, file);
      const coverFile = source.coverFile === undefined ? undefined : path.join(workDirectory, 'cover');
      if (source.coverFile !== undefined && coverFile !== undefined) {
        await symlinkTo(source.coverFile, coverFile);
      }
      return definedFields({
        file,
        coverFile,
        metadata: source.description,
        source: 'file' as const,
        isFinishedMp3: isFinishedMp3(found),
      });
    },
  };
}

async function symlinkTo(file: string, link: string): Promise<void> {
  try {
    await symlink(file, link);
  } catch (error) {
    throw fileError(error, 'Linking a file');
  }
}
