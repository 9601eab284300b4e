import path from 'node:path';
import { validateFileName } from 'yauzl';

/** Which files of a dataset are read. */
export interface WantedFiles {
  /** Whether a file of this name is read. */
  has(name: string): boolean;
  /** Those that are named in the settings and were not asked for yet. */
  missing(): string[];
}

/**
 * Names in the settings stand for the file with this path, or with this last part of its path. Without them every
 * .csv and .tsv file is read, apart from what macOS adds to archives.
 */
export function wantedFiles(names: readonly string[] | undefined): WantedFiles {
  const found = new Set<string>();
  return {
    has(name) {
      const base = path.posix.basename(name);
      if (names === undefined) {
        return /\.(?:csv|tsv)$/i.test(base) && !base.startsWith('._') && !name.startsWith('__MACOSX/');
      }
      const matches = names.filter((wanted) => wanted === name || wanted === base);
      for (const match of matches) found.add(match);
      return matches.length > 0;
    },
    missing: () => (names ?? []).filter((name) => !found.has(name)),
  };
}

/**
 * Whether a path in an archive stays inside of it. Nothing is written under these names, but they become part of
 * documents, and an archive that holds others was not made by Kaggle.
 */
export function isSafePath(name: string): boolean {
  return validateFileName(name) === null && !name.includes('\0') && name !== '';
}
