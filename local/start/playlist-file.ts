import { readFile } from 'node:fs/promises';
import { pause } from '../../src/runtime/deadline.ts';
import { readPlaylistLines } from '../../src/producers/playlist-lines.ts';

const INTERVAL_MS = 3_000;

export interface FollowOptions {
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** Adds the lines of the file; settles when that is done. */
  readonly enqueue: () => Promise<unknown>;
  readonly intervalMs?: number;
}

/**
 * Adds a playlist file now and each time its content has changed, until the signal is aborted. A change counts once the file
 * has stayed the same for an interval: editors write in several steps.
 */
export async function followPlaylistFile(file: string, options: FollowOptions): Promise<void> {
  const { signal, say, enqueue, intervalMs = INTERVAL_MS } = options;
  let added = await read(file);
  if (await hasPlaylistLines(file)) await enqueue();
  else say(`${file} is empty. Add playlists to it: they are read as soon as it is saved.`);
  let last = added;
  for (;;) {
    await pause(intervalMs, signal).catch(() => undefined);
    if (signal.aborted) return;
    const current = await read(file);
    const isStable = current === last;
    last = current;
    // A file that cannot be read is being replaced, or its disk is away: nothing was decided by a person.
    if (!isStable || current === undefined || current === added) continue;
    added = current;
    say(`${file} has changed: reading it.`);
    await enqueue();
  }
}

/** Whether a playlist file has a line that is neither empty nor a comment; false when it cannot be read. */
export async function hasPlaylistLines(file: string): Promise<boolean> {
  const text = await read(file);
  if (text === undefined) return false;
  const { done } = await readPlaylistLines([Buffer.from(text)], file).next();
  return done !== true;
}

async function read(file: string): Promise<string | undefined> {
  return await readFile(file, 'utf8').catch(() => undefined);
}
