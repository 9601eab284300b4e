import type { MediaProgress } from './audio-downloader.ts';

const MOST_ERROR_LINES = 100;
const LONGEST_ERROR_LINE = 1000;

/** What one run of ffmpeg has told so far (`-loglevel level+info -progress pipe:1`). */
export class FfmpegReport {
  /** The length that the header of the first input announces, in seconds; not one that ffmpeg only estimates. */
  sourceSeconds: number | undefined;
  isTruncated = false;
  readonly errorLines: string[] = [];
  readonly #expectedSeconds: number | undefined;
  readonly #onProgress: (progress: MediaProgress) => void;
  #mostSeconds = -1;
  #isEstimated = false;

  constructor(expectedSeconds: number | undefined, onProgress: (progress: MediaProgress) => void) {
    this.#expectedSeconds = expectedSeconds;
    this.#onProgress = onProgress;
  }

  /** Takes one line; tells whether it shows that the work goes on. */
  take(line: string, stream: 'stdout' | 'stderr'): boolean {
    return stream === 'stdout' ? this.#takeProgress(line) : this.#takeMessage(line);
  }

  #takeProgress(line: string): boolean {
    const microseconds = /^out_time_us=(\d+)$/.exec(line)?.[1];
    if (microseconds === undefined) return false;
    const seconds = Number(microseconds) / 1e6;
    const total = this.#expectedSeconds ?? this.sourceSeconds;
    this.#onProgress({
      stage: 'convert',
      ...(total === undefined ? {} : { percent: Math.min(100, (seconds / total) * 100) }),
    });
    if (seconds <= this.#mostSeconds) return false;
    this.#mostSeconds = seconds;
    return true;
  }

  #takeMessage(line: string): boolean {
    // Three blanks: the line of the input itself. Those of its metadata, which are the site's words, have more.
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
    if (this.errorLines.length >= MOST_ERROR_LINES) this.errorLines.splice(MOST_ERROR_LINES / 2, 1);
    this.errorLines.push(line.slice(0, LONGEST_ERROR_LINE));
    return false;
  }
}
