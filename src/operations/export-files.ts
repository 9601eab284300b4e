import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { checksumFile } from '../storage/checksums.ts';
import { parseJson } from '../runtime/json.ts';
import { claimPidFile } from '../runtime/pid-file.ts';
import { foldedName } from './export-names.ts';

const entrySchema = z.object({
  /** The `_id` of the video. */
  id: z.string(),
  /** Relative to the directory, with `/`. */
  file: z.string(),
  sizeBytes: z.number(),
  md5: z.string(),
});
type Entry = z.output<typeof entrySchema>;

/** Where an export keeps its index and unfinished files. */
const STATE = '.sonotheque-export';
/** An unfinished file of an export that was killed. */
const PART_ABANDONED_MS = 3_600_000;

/**
 * The files of an exported directory. An index says which file is of which video, so that the next export continues, two
 * videos of one title keep their names, and files of other origin are never replaced.
 */
export class ExportFiles {
  readonly #directory: string;
  readonly #entries = new Map<string, Entry>();
  /** The video that has a name, by the folded name. */
  readonly #owners = new Map<string, string>();

  /** Ends the export, so that another one may begin. */
  readonly close: () => void;

  private constructor(directory: string, close: () => void) {
    this.#directory = directory;
    this.close = close;
  }

  /**
   * Opens the directory for one export; call `close` at its end.
   * @throws UserError while another export of this machine writes to it.
   */
  static async open(directory: string): Promise<ExportFiles> {
    await mkdir(path.join(directory, STATE), { recursive: true });
    const release = claimPidFile(path.join(directory, STATE, 'pid'), {
      program: 'export',
      what: `An export to ${directory}`,
    });
    const files = new ExportFiles(directory, release);
    try {
      await files.#load();
      return files;
    } catch (error) {
      release();
      throw error;
    }
  }

  async #load(): Promise<void> {
    const text = await readFile(this.#index, 'utf8').catch(() => '');
    for (const line of text.split('\n')) {
      // A line that a crash cut short is as good as none: the file is compared by its content.
      const entry = entrySchema.safeParse(parseJson(line)).data;
      if (entry !== undefined) this.#note(entry);
    }
    await this.#removeAbandonedParts();
  }

  /** The complete file of this version of a video, wherever it is below the directory. */
  async find(
    id: string,
    audio: { readonly size: number; readonly md5: string | undefined },
  ): Promise<string | undefined> {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    const isSame = entry.sizeBytes === audio.size && (audio.md5 === undefined || entry.md5 === audio.md5);
    return isSame && (await this.#sizeOf(entry.file)) === audio.size ? entry.file : undefined;
  }

  /**
   * Chooses the name of a video's file and reserves it.
   * @param wished path without extension
   * @param suffix what tells it from another video of the same name
   */
  async claim(
    id: string,
    wished: string,
    extension: string,
    suffix: string,
    md5: string | undefined,
  ): Promise<string> {
    const candidates = [
      wished,
      `${wished} [${suffix}]`,
      ...Array.from({ length: 100 }, (_, index) => `${wished} [${suffix}] (${String(index + 2)})`),
    ];
    for (const candidate of candidates) {
      const file = `${candidate}.${extension}`;
      const owner = this.#owners.get(foldedName(file));
      if (owner !== undefined && owner !== id) continue;
      if (owner === undefined && !(await this.#isFree(file, md5))) continue;
      this.#owners.set(foldedName(file), id);
      return file;
    }
    throw new Error(`There are more than 100 files named ${wished}.`);
  }

  /** Where to write a file before it is complete. */
  newPart(): string {
    return path.join(this.#directory, STATE, `${randomUUID()}.part`);
  }

  /** Puts a complete file in its place, and records it. */
  async finish(part: string, entry: Entry): Promise<void> {
    const target = path.join(this.#directory, entry.file);
    await mkdir(path.dirname(target), { recursive: true });
    await rename(part, target);
    await this.record(entry);
  }

  async record(entry: Entry): Promise<void> {
    const former = this.#entries.get(entry.id);
    await appendFile(this.#index, `${JSON.stringify(entry)}\n`);
    this.#note(entry);
    // The video has another name, or another format, now.
    if (former !== undefined && foldedName(former.file) !== foldedName(entry.file))
      await rm(path.join(this.#directory, former.file), { force: true });
  }

  /** Gives a complete file the name that it should have now. */
  async renameTo(id: string, file: string): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.file === file) return;
    const target = path.join(this.#directory, file);
    await mkdir(path.dirname(target), { recursive: true });
    await rename(path.join(this.#directory, entry.file), target);
    await appendFile(this.#index, `${JSON.stringify({ ...entry, file })}\n`);
    this.#note({ ...entry, file });
  }

  /** Replaces a text file in one step. */
  async writeText(file: string, text: string): Promise<void> {
    const part = this.newPart();
    await writeFile(part, text);
    await rename(part, path.join(this.#directory, file));
  }

  get #index(): string {
    return path.join(this.#directory, STATE, 'index.jsonl');
  }

  #note(entry: Entry): void {
    const former = this.#entries.get(entry.id);
    if (former !== undefined) this.#owners.delete(foldedName(former.file));
    this.#entries.set(entry.id, entry);
    this.#owners.set(foldedName(entry.file), entry.id);
  }

  /** Whether a name is free, or its file has this content: it was put there right before a crash. */
  async #isFree(file: string, md5: string | undefined): Promise<boolean> {
    if ((await this.#sizeOf(file)) === undefined) return true;
    return md5 !== undefined && (await checksumFile(path.join(this.#directory, file))).md5 === md5;
  }

  async #sizeOf(file: string): Promise<number | undefined> {
    return (await stat(path.join(this.#directory, file)).catch(() => undefined))?.size;
  }

  async #removeAbandonedParts(): Promise<void> {
    const directory = path.join(this.#directory, STATE);
    for (const name of await readdir(directory)) {
      const file = path.join(directory, name);
      if (!name.endsWith('.part')) continue;
      const modifiedMs = (await stat(file).catch(() => undefined))?.mtimeMs;
      if (modifiedMs !== undefined && Date.now() - modifiedMs > PART_ABANDONED_MS)
        await rm(file, { force: true });
    }
  }
}
