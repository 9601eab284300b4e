import { createHash } from 'node:crypto';

/** What happens to an item when nothing else fails. */
export type ItemOutcome =
  /** The first download succeeds. */
  | 'good'
  /** The first download fails and a later one succeeds. */
  | 'flaky'
  /** It is private: it fails permanently. */
  | 'private';

/** Of 20 items one is flaky and one private. */
const CYCLE = 20;
const ID = /^gen(\d{8})$/;
const SILENT_FRAMES = 2;
/** Length of an MPEG-1 Layer III frame of 320 kbps at 44.1 kHz without padding: 144 × 320,000 / 44,100. */
const FRAME_BYTES = 1_044;
const SAMPLES_PER_FRAME = 1_152;

/** The number in the id of one of the sample channel's generated videos. @throws RangeError for any other id. */
export function numberOf(videoId: string): number {
  const digits = ID.exec(videoId)?.[1];
  if (digits === undefined) throw new RangeError(`${videoId} is not an item of a chaos run.`);
  return Number(digits);
}

/** The id of the item with this number: that of the sample channel's generated videos. */
export function itemId(number: number): string {
  return `gen${String(number).padStart(8, '0')}`;
}

/** The ids of a run of so many items: those of the sample channel's generated list of that length. */
export function itemIds(items: number): string[] {
  return Array.from({ length: items }, (_, index) => itemId(index));
}

/** @throws RangeError for an id that is no item. */
export function expectedOutcomeOf(videoId: string): ItemOutcome {
  const position = numberOf(videoId) % CYCLE;
  return position === CYCLE - 1 ? 'private' : position === CYCLE / 2 - 1 ? 'flaky' : 'good';
}

/** A small MP3 that differs for each item: a tag with bytes derived from the id, then silence. */
export function instantAudio(videoId: string): { readonly bytes: Buffer; readonly durationSeconds: number } {
  const frame = Buffer.alloc(FRAME_BYTES);
  // MPEG-1 Layer III without checksum, 320 kbps, 44.1 kHz, stereo; side information of zeros is silence.
  frame.writeUInt32BE(0xff_fb_e0_04);
  return {
    bytes: Buffer.concat([privateTag(videoId), ...Array.from({ length: SILENT_FRAMES }, () => frame)]),
    durationSeconds: (SILENT_FRAMES * SAMPLES_PER_FRAME) / 44_100,
  };
}

/** An ID3v2.3 tag with one PRIV frame (id3.org, ID3v2.3.0 §3.1, §3.3, §4.28) of 1 to 4 kB. */
function privateTag(videoId: string): Buffer {
  const blocks = 32 + (numberOf(videoId) % 96);
  const data = Array.from({ length: blocks }, (_, index) =>
    createHash('sha256')
      .update(`${videoId}/${String(index)}`)
      .digest(),
  );
  const body = Buffer.concat([Buffer.from('sonotheque-chaos\0'), ...data]);
  const frameHeader = Buffer.alloc(10);
  frameHeader.write('PRIV');
  frameHeader.writeUInt32BE(body.byteLength, 4);
  const tagHeader = Buffer.alloc(10);
  tagHeader.write('ID3\u0003');
  const size = frameHeader.byteLength + body.byteLength;
  // Sizes of tags have seven bits in a byte.
  for (let index = 0; index < 4; index += 1) tagHeader[9 - index] = (size >> (7 * index)) & 0x7f;
  return Buffer.concat([tagHeader, frameHeader, body]);
}
