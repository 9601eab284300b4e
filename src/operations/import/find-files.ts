import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileError, statIfThere } from '../../runtime/files.ts';
import { UserError } from '../../runtime/user-error.ts';

/** The files of a directory that are looked at; a file that is named itself may have any name. */
const EXTENSIONS: ReadonlySet<string> = new Set(
  '.mp3 .m4a .mp4 .m4b .mov .3gp .webm .mkv .mka .opus .ogg .oga .flac .wav .aac'.split(' '),
);
/** Links are not followed, so nothing is deeper than this by mistake. */
const MAX_DEPTH = 50;
const MAX_FILES = 1_000_000;

/**
 * The audio files of these paths, as absolute paths, those of a directory in the order of their names, with all below it. Links and hidden files are left out.
 * @throws UserError for a path that does not exist, or with more files than can be kept in memory; JobError when a directory cannot be read.
 */
export async function findFiles(paths: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const given of paths) {
    const absolute = path.resolve(given);
    const stats = await statIfThere(absolute);
    if (stats === undefined) throw new UserError(`${given} does not exist.`, { exitCode: 2 });
    if (stats.isDirectory()) await addDirectory(absolute, 0, found);
    else found.add(absolute);
    if (found.size > MAX_FILES) throw new UserError(`More than ${String(MAX_FILES)} files at once.`);
  }
  return [...found];
}

async function addDirectory(directory: string, depth: number, found: Set<string>): Promise<void> {
  if (depth > MAX_DEPTH || found.size > MAX_FILES) return;
  const entries = await readdir(directory, { withFileTypes: true }).catch((error: unknown) => {
    throw fileError(error, directory);
  });
  entries.sort((left, right) => left.name.localeCompare(right.name, 'en'));
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const file = path.join(directory, entry.name);
    if (entry.isDirectory()) await addDirectory(file, depth + 1, found);
    else if (entry.isFile() && EXTENSIONS.has(path.extname(entry.name).toLowerCase())) found.add(file);
  }
}
