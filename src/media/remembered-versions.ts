import { statSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { z } from 'zod';
import { childEnvironment } from '../runtime/child-process-environment.ts';
import { parseJson } from '../runtime/json.ts';

/**
 * A program is asked again after this long although its file is the same: what it loads (Python, libraries) may have changed
 * beside it.
 */
const KEPT_MS = 24 * 3_600_000;
/** Programs of all checkouts of this user; the oldest are left out. */
const MAX_ENTRIES = 32;

const fileSchema = z.array(z.object({ file: z.string(), version: z.string(), at: z.number() }));
type Entries = z.output<typeof fileSchema>;

/** What a program was checked for: two settings may name the same file. */
export type ProgramKind = 'yt-dlp' | 'ffmpeg' | 'ffprobe';

/** The versions of programs, kept between processes: asking yt-dlp for its own takes most of a second. */
export interface VersionMemory {
  /**
   * The version that was read from the same file before, else the one that is read now.
   * @param read must throw for a program that cannot be used: failures are not remembered
   */
  versionOf(kind: ProgramKind, program: string, read: () => Promise<string>): Promise<string>;
}

/** Asks every time. */
export const NO_MEMORY: VersionMemory = { versionOf: (_kind, _program, read) => read() };

/**
 * A memory in a file of this user's cache. What cannot be read or written there costs time and nothing else.
 * @param file left out: the file of this user
 */
export function createVersionMemory(file = memoryFile(), now = Date.now): VersionMemory {
  return {
    versionOf: async (kind, program, read) => {
      const print = () => `${kind}:${fingerprintOf(program)}`;
      const fingerprint = print();
      const known = (await readEntries(file)).find((entry) => entry.file === fingerprint);
      const age = known === undefined ? Infinity : now() - known.at;
      if (known !== undefined && age >= 0 && age < KEPT_MS) return known.version;
      const version = await read();
      // It may have been replaced while it ran: then nobody knows which file answered.
      if (!fingerprint.endsWith(MISSING) && print() === fingerprint) {
        await remember(file, { file: fingerprint, version, at: now() });
      }
      return version;
    },
  };
}

const MISSING = ':missing';

/** What tells a file of a program from another one: path, inode, size and times. */
export function fingerprintOf(program: string): string {
  for (const file of searchedFiles(program)) {
    try {
      // Most directories of the PATH do not have it: without an error for each, this takes a tenth of the time.
      const stats = statSync(file, { throwIfNoEntry: false });
      if (stats === undefined) continue;
      const { ino, size, mtimeMs, ctimeMs } = stats;
      return [path.resolve(file), ino, size, mtimeMs, ctimeMs].join(':');
    } catch {
      // It cannot be reached: the next directory of the PATH may have it.
    }
  }
  return MISSING;
}

/** Where the system searches for a program: the path itself when it has a directory, else the PATH. */
export function searchedFiles(program: string): string[] {
  if (program.includes(path.sep)) return [program];
  return (childEnvironment()['PATH'] ?? '')
    .split(path.delimiter)
    .map((directory) => path.join(directory, program));
}

function memoryFile(): string {
  const base = process.env['XDG_CACHE_HOME'];
  const cache = base === undefined || base === '' ? path.join(homedir(), '.cache') : base;
  return path.join(cache, 'sonotheque', 'program-versions.json');
}

async function readEntries(file: string): Promise<Entries> {
  try {
    return fileSchema.parse(parseJson(await readFile(file, 'utf8')));
  } catch {
    return [];
  }
}

async function remember(file: string, entry: Entries[number]): Promise<void> {
  try {
    const others = (await readEntries(file)).filter(({ file: other }) => other !== entry.file);
    const unfinished = `${file}.${String(process.pid)}`;
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(unfinished, JSON.stringify([...others, entry].slice(-MAX_ENTRIES)), { mode: 0o600 });
    await rename(unfinished, file);
  } catch {
    // A home that cannot be written, as in a container.
  }
}
