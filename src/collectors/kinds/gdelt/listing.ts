import { slotSchema, type Slot } from './slots.ts';

/** One of the two streams of GDELT: articles in English, and articles that it translated. */
export interface EventStream {
  readonly name: 'english' | 'translation';
  readonly listing: string;
  readonly masterList: string;
  /** What stands between slot and `.export.CSV` in the names of files. */
  readonly infix: '' | '.translation';
}

export const EVENT_STREAMS: readonly [english: EventStream, translation: EventStream] = [
  { name: 'english', listing: 'lastupdate.txt', masterList: 'masterfilelist.txt', infix: '' },
  {
    name: 'translation',
    listing: 'lastupdate-translation.txt',
    masterList: 'masterfilelist-translation.txt',
    infix: '.translation',
  },
];

/** What a listing promises of a file. */
export interface ListedFile {
  readonly slot: Slot;
  readonly sizeBytes: number;
  /** Hexadecimal, lower case. */
  readonly md5: string;
}

/** The name of the only file within a slot's archive. */
export function entryName(stream: EventStream, slot: Slot): string {
  return `${slot}${stream.infix}.export.CSV`;
}

/** The name of a slot's archive. */
export function archiveName(stream: EventStream, slot: Slot): string {
  return `${entryName(stream, slot)}.zip`;
}

/**
 * Reads the lines `<bytes> <md5> <address>` of a listing and keeps those of event exports. Of the address only the
 * name of the file is taken: where it is fetched from is for the settings to say.
 */
export function parseListing(text: string, stream: EventStream): ListedFile[] {
  return text.split('\n').flatMap((line) => {
    const [, size, md5, fileName] = /^(\d{1,12}) ([0-9a-f]{32}) \S*?([^/\s]+)\s*$/i.exec(line) ?? [];
    if (size === undefined || md5 === undefined || fileName === undefined) return [];
    const slot = slotSchema.safeParse(fileName.slice(0, 14));
    if (!slot.success || fileName !== archiveName(stream, slot.data)) return [];
    return [{ slot: slot.data, sizeBytes: Number(size), md5: md5.toLowerCase() }];
  });
}
