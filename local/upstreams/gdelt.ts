import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  archiveName,
  entryName,
  EVENT_STREAMS,
  type EventStream,
} from '../../src/collectors/kinds/gdelt/listing.ts';
import { slotAfter, slotAt, SLOT_MS } from '../../src/collectors/kinds/gdelt/slots.ts';
import { generatedEvent } from './gdelt-events.ts';
import type { Upstream } from './upstream.ts';
import { zipArchive } from './zip-archive.ts';

type StreamName = EventStream['name'];

export interface GdeltRequest {
  readonly file: string;
  readonly range: string | undefined;
}

/** The files of GDELT 2.0, in memory. */
export class GdeltUpstream implements Upstream {
  readonly name = 'gdelt';
  readonly requests: GdeltRequest[] = [];
  /** The status of files that fail although they are listed: `20261121110000.export.CSV.zip` → 404. */
  readonly statuses = new Map<string, number>();
  /** Whether `Range` is supported; a server may send the whole file instead. */
  supportsRange = true;
  /** The most bytes that are sent for a `Range`. */
  maxRangeBytes = Infinity;
  readonly #files = new Map<string, Buffer>();
  /** One list for each stream, newest last. */
  readonly #lines: Record<StreamName, string[]> = { english: [], translation: [] };
  readonly #listings = new Map<string, string>();

  /** Publishes a slot with these rows and lists it as the newest. */
  publish(slot: string, rows: readonly (readonly string[])[], name: StreamName = 'english'): void {
    this.publishText(slot, rows.map((row) => `${row.join('\t')}\n`).join(''), name);
  }

  publishText(slot: string, text: string, name: StreamName = 'english'): void {
    const stream = streamOf(name);
    const archive = zipArchive([{ name: entryName(stream, slot), content: Buffer.from(text) }]);
    this.publishArchive(slot, archive, name);
  }

  /** Publishes any bytes as the archive of a slot. */
  publishArchive(slot: string, archive: Buffer, name: StreamName = 'english'): void {
    this.#files.set(archiveName(streamOf(name), slot), archive);
    this.list(slot, lineOf(streamOf(name), slot, archive), name);
  }

  /** Publishes the slots up to a time, each with generated events; the same slot always has the same events. */
  publishGenerated(
    until: Date,
    { slots = 1, eventsPerSlot = 20 }: { slots?: number; eventsPerSlot?: number } = {},
  ) {
    const newest = slotAt(Math.floor(until.getTime() / SLOT_MS) * SLOT_MS);
    for (let back = slots - 1; back >= 0; back -= 1) {
      const slot = slotAfter(newest, -back);
      const first = ((until.getTime() / SLOT_MS - back) | 0) * eventsPerSlot;
      const rows = Array.from({ length: eventsPerSlot }, (_value, index) =>
        generatedEvent(first + index, slot),
      );
      this.publish(slot, rows);
    }
  }

  /** Replaces the bytes of a slot without changing its listing. */
  corrupt(slot: string, archive: Buffer, name: StreamName = 'english'): void {
    this.#files.set(archiveName(streamOf(name), slot), archive);
  }

  archive(slot: string, name: StreamName = 'english'): Buffer {
    return this.#files.get(archiveName(streamOf(name), slot)) ?? Buffer.alloc(0);
  }

  /** Adds a line for a slot's export to the lists, between those of the other files of a slot. */
  list(slot: string, line: string, name: StreamName = 'english'): void {
    const others = (kind: string) =>
      `4242 ${'0'.repeat(32)} http://data.gdeltproject.org/gdeltv2/${slot}${kind}`;
    this.#lines[name].push(line);
    const text = [line, others('.mentions.CSV.zip'), others('.gkg.csv.zip'), ''].join('\n');
    this.#listings.set(streamOf(name).listing, text);
  }

  /** Sets the listing of the latest files, for example to an old or a broken one. */
  setListing(text: string, name: StreamName = 'english'): void {
    this.#listings.set(streamOf(name).listing, text);
  }

  /** Makes the lists of all files answer with 404. */
  hideMasterLists(): void {
    for (const { masterList } of EVENT_STREAMS) this.statuses.set(masterList, 404);
  }

  handle(request: IncomingMessage, response: ServerResponse, path: URL): void {
    const file = path.pathname.slice(1);
    const range = request.headers.range;
    this.requests.push({ file, range });
    const body = this.#bodyOf(file);
    const status = this.statuses.get(file) ?? (body === undefined ? 404 : 200);
    if (status !== 200 || body === undefined) {
      response.writeHead(status).end();
      return;
    }
    const suffix = /^bytes=-(\d+)$/.exec(range ?? '')?.[1];
    if (suffix === undefined || !this.supportsRange) {
      response.writeHead(200, { 'Content-Length': body.length }).end(body);
      return;
    }
    const start = Math.max(0, body.length - Math.min(Number(suffix), this.maxRangeBytes));
    const length = body.length - start;
    response.writeHead(206, {
      'Content-Length': length,
      'Content-Range': `bytes ${String(start)}-${String(body.length - 1)}/${String(body.length)}`,
    });
    response.end(body.subarray(start));
  }

  #bodyOf(file: string): Buffer | undefined {
    const listing = this.#listings.get(file);
    if (listing !== undefined) return Buffer.from(listing);
    const stream = EVENT_STREAMS.find(({ masterList }) => masterList === file);
    if (stream !== undefined)
      return Buffer.from(this.#lines[stream.name].map((line) => `${line}\n`).join(''));
    return this.#files.get(file);
  }
}

/** The line of a listing for a slot. The client must not use the URL in it. */
export function lineOf(stream: EventStream, slot: string, archive: Buffer): string {
  const md5 = createHash('md5').update(archive).digest('hex');
  return `${String(archive.length)} ${md5} http://data.gdeltproject.org/gdeltv2/${archiveName(stream, slot)}`;
}

function streamOf(name: StreamName): EventStream {
  const stream = EVENT_STREAMS.find((candidate) => candidate.name === name);
  if (stream === undefined) throw new Error(`There is no stream ${name}.`);
  return stream;
}
