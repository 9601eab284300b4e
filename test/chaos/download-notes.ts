import { appendFileSync, createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';

const noteSchema = z.object({ videoId: z.string(), event: z.enum(['started', 'done', 'failed']) });
type Note = z.output<typeof noteSchema>;

/** How often items were downloaded more than once. */
export interface RepeatedDownloads {
  /** Downloads after the first of each item, without those that failed. */
  readonly all: number;
  /** Of those, the ones after a download whose worker was killed. */
  readonly afterKill: number;
}

/** Writes a line to the file that all workers share; short lines appended at once do not mix. */
export function writeNote(file: string, note: Note): void {
  appendFileSync(file, `${JSON.stringify(note)}\n`);
}

/** Counts the notes of a run; a missing file counts as empty. */
export async function countRepeats(file: string): Promise<RepeatedDownloads> {
  const items = new Map<string, Record<Note['event'], number>>();
  appendFileSync(file, '');
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const note = noteSchema.parse(JSON.parse(line));
    const counts = items.get(note.videoId) ?? { started: 0, done: 0, failed: 0 };
    counts[note.event] += 1;
    items.set(note.videoId, counts);
  }
  let all = 0;
  let afterKill = 0;
  for (const { started, done, failed } of items.values()) {
    const repeats = Math.max(0, started - failed - 1);
    all += repeats;
    afterKill += Math.min(repeats, started - done - failed);
  }
  return { all, afterKill };
}
