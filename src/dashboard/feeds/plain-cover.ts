import { crc32, deflateSync } from 'node:zlib';
import { COVER_PIXELS } from '../../media/square-cover.ts';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const GREEN = [0x0b, 0x6e, 0x4f] as const;
const WHITE = [0xff, 0xff, 0xff] as const;
/** The heights of the bars of our icon, in parts of the width. */
const BARS = [0.19, 0.41, 0.63, 0.34, 0.13] as const;
const BAR_WIDTH = 0.08;
const GAP = 0.16;

let made: Buffer | undefined;

/** The cover of feeds none of whose audio has a picture: the icon of this program as a square PNG (ISO/IEC 15948). */
export function plainCover(): Buffer {
  made ??= makePng(COVER_PIXELS, barHeight);
  return made;
}

/** The height of the bar at a place from left to right, all from 0 to 1; 0 between the bars. */
function barHeight(x: number): number {
  const first = 0.5 - ((BARS.length - 1) / 2) * GAP;
  return BARS.find((_height, index) => Math.abs(x - (first + index * GAP)) <= BAR_WIDTH / 2) ?? 0;
}

/** @param heightAt the height of the second colour, around the middle, at a place from left to right */
function makePng(size: number, heightAt: (x: number) => number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  // 8 bits a pixel, an index into the palette.
  header.set([8, 3, 0, 0, 0], 8);
  // Each row begins with a byte for its filter, 0 for none.
  const rows = Buffer.alloc(size * (size + 1));
  for (let x = 0; x < size; x += 1) {
    const height = Math.round(heightAt((x + 0.5) / size) * size);
    const top = Math.floor((size - height) / 2);
    for (let y = top; y < top + height; y += 1) rows[y * (size + 1) + 1 + x] = 1;
  }
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from([...GREEN, ...WHITE])),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
