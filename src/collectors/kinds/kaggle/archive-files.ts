import path from 'node:path';
import { validateFileName } from 'yauzl';
import { JobError, TransientError, toError } from '../../../domain/job-errors.ts';
import type { RejectedItem } from '../../collector.ts';

const ARCHIVE_NAME = /\.(?:zip|tar|tgz|gz|bz2|xz|7z|rar)$/i;

/** A file of a dataset. Its content must be read before the next file is requested. */
export interface DatasetFile {
  readonly type: 'file';
  readonly name: string;
  readonly content: AsyncIterable<Buffer>;
}

export type ArchiveItem = DatasetFile | RejectedItem;

/** A file of an archive that is not read. @param name truncated here, because it is foreign text */
export function rejectedFile(reason: string, name: string): RejectedItem {
  return { type: 'rejected', reason, detail: name.replace(/\p{Cc}/gu, '?').slice(0, 200) };
}

/** The error of an archive that cannot be read; a JobError is returned as it is. */
export function archiveError(thrown: unknown, problem = 'The archive cannot be read'): JobError {
  if (thrown instanceof JobError) return thrown;
  return new TransientError('source_format', `${problem}: ${toError(thrown).message}`, { cause: thrown });
}

/**
 * Selects the files of a dataset that are read.
 * @param names the settings: each selects the file with this path or this base name. Without them every .csv and .tsv
 *   file is read, except the files that macOS adds to archives.
 */
export function wantedFiles(names: readonly string[] | undefined) {
  const found = new Set<string>();
  return {
    has(name: string): boolean {
      const base = path.posix.basename(name);
      if (names === undefined) {
        return /\.(?:csv|tsv)$/i.test(base) && !base.startsWith('._') && !name.startsWith('__MACOSX/');
      }
      const matches = names.filter((wanted) => wanted === name || wanted === base);
      for (const match of matches) found.add(match);
      return matches.length > 0;
    },
    /** Whether it is an archive that may contain tables: archives within an archive are not unpacked. */
    isNestedArchive: (name: string) =>
      names === undefined && ARCHIVE_NAME.test(name) && !name.startsWith('__MACOSX/'),
    /** The names in the settings for which `has` never found a file. */
    missing: () => (names ?? []).filter((name) => !found.has(name)),
  };
}

export type WantedFiles = ReturnType<typeof wantedFiles>;

/**
 * Whether a path stays inside the archive. No file is written under these names, but they are stored in documents, and
 * an archive with unsafe names was not made by Kaggle.
 */
export function isSafePath(name: string): boolean {
  return validateFileName(name) === null && !name.includes('\0') && name !== '';
}
