import { z } from 'zod';
import { parseJson } from '../runtime/json.ts';

/** The most points that the peaks of an audio file have, however long it is: more than a screen has columns. */
export const MAX_PEAK_POINTS = 2_000;
/** The rate at which peaks are measured, in hertz. Above 4 kHz speech and music have little that a waveform shows. */
export const PEAKS_SAMPLE_RATE = 8_000;

const sample = z.int().min(-128).max(127);

/**
 * How loud an audio file is over time: the least and the greatest sample of each point, one after the other. The JSON of
 * BBC's audiowaveform, version 2 with 8 bits and one channel, which players read:
 * https://github.com/bbc/audiowaveform/blob/master/doc/DataFormat.md
 */
export const peaksSchema = z
  .strictObject({
    version: z.literal(2),
    channels: z.literal(1),
    /** Hertz. */
    sample_rate: z.int().positive(),
    /** Samples of one point. */
    samples_per_pixel: z.int().positive(),
    bits: z.literal(8),
    /** Points. */
    length: z.int().positive().max(MAX_PEAK_POINTS),
    data: z.array(sample).max(2 * MAX_PEAK_POINTS),
  })
  .refine(({ data, length }) => data.length === 2 * length, 'has not two numbers for each point');

export type Peaks = z.output<typeof peaksSchema>;

/** The peaks in a file; undefined when it is none. */
export function parsePeaks(text: string): Peaks | undefined {
  return peaksSchema.safeParse(parseJson(text)).data;
}

/**
 * Reduces audio of any length to peaks, in memory of a fixed size: as soon as there are too many points, each two become
 * one. So there are between half of the most and the most, unless the audio has fewer samples.
 */
export class PeaksReducer {
  readonly #maxPoints: number;
  readonly #points: Int8Array;
  #count = 0;
  #samplesPerPoint = 1;
  /** Of the point that is not complete. */
  #samples = 0;
  #least = 127;
  #greatest = -128;
  /** The last chunk ended with the lower byte of a sample. */
  #isWithinSample = false;

  /** @param maxPoints an even number */
  constructor(maxPoints = MAX_PEAK_POINTS) {
    this.#maxPoints = maxPoints;
    this.#points = new Int8Array(2 * maxPoints);
  }

  /** Adds samples: 16 bits, signed, the lower byte first, one channel. A chunk may end within a sample. */
  add(chunk: Uint8Array): void {
    // The higher byte of a sample is the sample in 8 bits.
    const bytes = new Int8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let at = this.#isWithinSample ? 0 : 1;
    while (at < bytes.length) {
      const end = Math.min(bytes.length, at + 2 * (this.#samplesPerPoint - this.#samples));
      // Local variables: this loop sees 29 million samples of each hour of audio.
      let least = this.#least;
      let greatest = this.#greatest;
      const from = at;
      for (; at < end; at += 2) {
        const value = bytes[at] ?? 0;
        if (value < least) least = value;
        if (value > greatest) greatest = value;
      }
      this.#samples += (at - from) / 2;
      this.#least = least;
      this.#greatest = greatest;
      if (this.#samples === this.#samplesPerPoint) this.#endPoint();
    }
    if (bytes.length % 2 === 1) this.#isWithinSample = !this.#isWithinSample;
  }

  /** The peaks of all that was added; undefined when nothing was. */
  peaks(): Peaks | undefined {
    const data = Array.from(this.#points.subarray(0, 2 * this.#count));
    if (this.#samples > 0) data.push(this.#least, this.#greatest);
    if (data.length === 0) return undefined;
    return {
      version: 2,
      channels: 1,
      sample_rate: PEAKS_SAMPLE_RATE,
      samples_per_pixel: this.#samplesPerPoint,
      bits: 8,
      length: data.length / 2,
      data,
    };
  }

  #endPoint(): void {
    this.#points[2 * this.#count] = this.#least;
    this.#points[2 * this.#count + 1] = this.#greatest;
    this.#count += 1;
    this.#samples = 0;
    this.#least = 127;
    this.#greatest = -128;
    if (this.#count === this.#maxPoints) this.#halve();
  }

  #halve(): void {
    const points = this.#points;
    this.#count /= 2;
    this.#samplesPerPoint *= 2;
    for (let index = 0; index < this.#count; index += 1) {
      const from = 4 * index;
      points[2 * index] = Math.min(points[from] ?? 0, points[from + 2] ?? 0);
      points[2 * index + 1] = Math.max(points[from + 1] ?? 0, points[from + 3] ?? 0);
    }
  }
}
