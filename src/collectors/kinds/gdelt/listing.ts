import { slotSchema, type Slot } from './slots.ts';

/**
 * The streams of GDELT: events from articles in English, and events from translated articles. `infix` is the part of file
 * names between the slot and `.export.CSV`.
 */
export const EVENT_STREAMS = [
  { name: 'english', listing: 'lastupdate.txt', masterList: 'masterfilelist.txt', infix: '' },
  {
    name: 'translation',
    listing: 'lastupdate-translation.txt',
    masterList: 'masterfilelist-translation.txt',
    infix: '.translation',
  },
] as const;
export type EventStream = (typeof EVENT_STREAMS)[number];

/** The name of the only file in the archive of a slot. */
export function entryName(stream: EventStream, slot: Slot): string {
  return `${slot}${stream.infix}.export.CSV`;
}

export function archiveName(stream: EventStream, slot: Slot): string {
  return `${entryName(stream, slot)}.zip`;
}

/**
 * Reads the lines `<bytes> <md5> <url>` of a listing and keeps those of event exports. Only the file name of the URL is
 * used; the host to fetch from comes from the configuration. The MD5 is hexadecimal in lower case.
 */
export function parseListing(text: string, stream: EventStream) {
  return text.split('\n').flatMap((line) => {
    const [, size, md5, url] = /^(\d{1,12}) ([0-9a-f]{32}) (\S+)$/i.exec(line.trimEnd()) ?? [];
    if (size === undefined || md5 === undefined || url === undefined) return [];
    const fileName = url.slice(url.lastIndexOf('/') + 1);
    const slot = slotSchema.safeParse(fileName.slice(0, 14));
    if (!slot.success || fileName !== archiveName(stream, slot.data)) return [];
    return [{ slot: slot.data, sizeBytes: Number(size), md5: md5.toLowerCase() }];
  });
}

export type ListedFile = ReturnType<typeof parseListing>[number];
