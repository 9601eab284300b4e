import { definedFields } from '../domain/defined-fields.ts';
import { percentOf, type MediaProgress } from './audio-downloader.ts';

const MAX_ERROR_LINES = 100;
const MAX_ERROR_LINE_LENGTH = 1000;

/** Collects what one run of ffmpeg prints (`-loglevel level+info -progress pipe:1`). */
export class FfmpegReport {
  /** The duration that the header of the first input announces; an estimate of ffmpeg does not count. */
  sourceSeconds: number | undefined;
  isTruncated = false;
  /** Converted so far. */
  seconds = 0;
  /** Written so far. */
  outputBytes = 0;
  readonly errorLines: string[] = [];
  readonly #expectedSeconds: number | undefined;
  readonly #onProgress: (progress: MediaProgress) => void;
  #maxSeconds = -1;
  #isEstimated = false;

  constructor(expectedSeconds: number | undefined, onProgress: (progress: MediaProgress) => void) {
    this.#expectedSeconds = expectedSeconds;
    this.#onProgress = onProgress;
  }

  /** @returns whether the line counts as progress. */
  addLine(line: string, stream: 'stdout' | 'stderr'): boolean {
    return stream === 'stdout' ? this.#addProgress(line) : this.#addMessage(line);
  }

  #addProgress(line: string): boolean {
    const size = /^total_size=(\d+)$/.exec(line)?.[1];
    if (size !== undefined) this.outputBytes = Number(size);
    const microseconds = /^out_time_us=(\d+)$/.exec(line)?.[1];
    if (microseconds === undefined) return false;
    const seconds = Number(microseconds) / 1e6;
    this.seconds = Math.max(this.seconds, seconds);
    const percent = percentOf(seconds, this.#expectedSeconds ?? this.sourceSeconds);
    this.#onProgress(definedFields({ stage: 'convert' as const, percent }));
    if (seconds <= this.#maxSeconds) return false;
    this.#maxSeconds = seconds;
    return true;
  }

  #addMessage(line: string): boolean {
    // Three blanks: the line of the input itself. Lines of its metadata, which the site controls, have more.
    const duration = /^\[info\] {3}Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?),/.exec(line);
    if (duration !== null) {
      const [, hours, minutes, seconds] = duration.map(Number);
      if (!this.#isEstimated)
        this.sourceSeconds ??= (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0);
      return true;
    }
    if (line.includes('Estimating duration from bitrate')) this.#isEstimated = true;
    if (!/\[(error|fatal|panic)\]/.test(line)) return false;
    if (/File ended prematurely|partial file/i.test(line)) this.isTruncated = true;
    if (this.errorLines.length >= MAX_ERROR_LINES) this.errorLines.splice(MAX_ERROR_LINES / 2, 1);
    this.errorLines.push(line.slice(0, MAX_ERROR_LINE_LENGTH));
    return false;
  }
}
