import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFinishedMp3 } from './mp3-file.ts';

const FRAMES = 100;
/** MPEG-1, layer III, no checksum; 320 kbit/s, 44.1 kHz; joint stereo. */
const HEADER = 0xff_fb_e0_40;
const PADDED = 0x02_00;

interface Made {
  readonly header?: number;
  readonly table?: string;
  readonly flags?: number;
  readonly frames?: number;
  /** Of the table; by default that of the file. */
  readonly bytes?: number;
  readonly tagBytes?: number;
  readonly hasId3v1?: boolean;
  /** Cut off from, or added to, the end. */
  readonly more?: number;
  /** The table counts what was added as a frame. */
  readonly countsMore?: boolean;
}

/** A file of constant rate, with silence. */
function mp3({ header = HEADER, table = 'Info', flags = 0xf, frames = FRAMES, ...made }: Made = {}): Buffer {
  const more = made.more ?? 0;
  const audio: Buffer[] = [];
  for (
    let index = 0, wanted = 0, length = 0;
    index <= FRAMES;
    index += 1, wanted += 144 * (320_000 / 44_100)
  ) {
    const isPadded = wanted - length >= 1;
    const frame = Buffer.alloc(isPadded ? 1045 : 1044);
    frame.writeUInt32BE(isPadded ? (header | PADDED) >>> 0 : header);
    length += frame.length;
    audio.push(frame);
  }
  const whole = Buffer.concat(audio);
  whole.write(table, 36);
  whole.writeUInt32BE(flags, 40);
  whole.writeUInt32BE(made.countsMore === true ? frames + 1 : frames, 44);
  whole.writeUInt32BE(made.bytes ?? whole.length + (made.countsMore === true ? more : 0), 48);
  const tag = Buffer.alloc(made.tagBytes ?? 0);
  if (tag.length > 0) {
    tag.write('ID3\x03');
    tag[8] = (tag.length - 10) >> 7;
    tag[9] = (tag.length - 10) & 0x7f;
  }
  const end = made.hasId3v1 === true ? Buffer.from('TAG'.padEnd(128, '\0'), 'latin1') : Buffer.alloc(0);
  const file = Buffer.concat([tag, whole, end]);
  return more < 0 ? file.subarray(0, more) : Buffer.concat([file, Buffer.alloc(more)]);
}

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'sonotheque-mp3-'));
});
afterAll(async () => {
  await rm(directory, { recursive: true });
});

async function read(content: Buffer) {
  const file = path.join(directory, 'audio.mp3');
  await writeFile(file, content);
  return await readFinishedMp3(file);
}

describe('readFinishedMp3', () => {
  test.each<[string, Made]>([
    ['without tags', {}],
    ['with a tag at its start', { tagBytes: 1000 }],
    ['with a tag at its end', { hasId3v1: true }],
    ['with both', { tagBytes: 5000, hasId3v1: true }],
    ['with a table of the other name', { table: 'Xing' }],
    ['with checksums', { header: 0xff_fa_e0_40 }],
  ])('reads a file %s', async (_what, made) => {
    expect(await read(mp3(made))).toEqual({
      codec: 'mp3',
      bitrate: 320_000,
      sampleRate: 44_100,
      channels: 2,
      durationSeconds: (FRAMES * 1152) / 44_100,
    });
  });

  test.each<[string, Made]>([
    ['whose last byte is missing', { more: -1 }],
    ['whose last frame is missing', { more: -1045 }],
    ['that ends within its first frame', { more: -1044 * FRAMES }],
    ['with more at its end', { more: 1 }],
    ['whose end is empty, at its full length', { more: 1045, countsMore: true }],
    ['whose table was not filled in', { frames: 0, bytes: 0 }],
    ['whose table has fewer frames', { frames: FRAMES - 2 }],
    ['whose table has more frames', { frames: FRAMES + 2 }],
    ['whose table has no sizes', { flags: 0x1 }],
    ['without a table', { table: 'none' }],
    ['of 256 kbit/s', { header: 0xff_fb_d0_40 }],
    ['of 48 kHz', { header: 0xff_fb_e4_40 }],
    ['of one channel', { header: 0xff_fb_e0_c0 }],
    ['of MPEG-2', { header: 0xff_f3_e0_40 }],
    ['of layer II', { header: 0xff_fd_e0_40 }],
    ['that breaks off within its tag', { tagBytes: 5000, more: -105_000 }],
  ])('leaves a file %s to ffprobe', async (_what, made) => {
    expect(await read(mp3(made))).toBeUndefined();
  });

  test('leaves an empty, a missing and another file to ffprobe', async () => {
    expect(await read(Buffer.alloc(0))).toBeUndefined();
    expect(await read(Buffer.alloc(200_000))).toBeUndefined();
    expect(await readFinishedMp3(path.join(directory, 'missing'))).toBeUndefined();
  });
});
