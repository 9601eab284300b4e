import { PermanentError } from '../domain/job-errors.ts';
import type { MediaProgress } from './audio-downloader.ts';
import { parseYtDlpLine, type YtDlpLine } from './yt-dlp-output.ts';

/** Lines of standard error that are kept: the first and the last ones, half of each. */
const MOST_ERROR_LINES = 200;
const LONGEST_ERROR_LINE = 2000;

/** What one run of yt-dlp has told so far. */
export class YtDlpReport {
  metadata: Extract<YtDlpLine, { type: 'metadata' }> | undefined;
  file: string | undefined;
  /** The download itself was about to start: nothing that comes later is the fault of filters. */
  hasBegun = false;
  readonly errorLines: string[] = [];
  readonly #maxSizeBytes: number;
  readonly #onProgress: (progress: MediaProgress) => void;
  #mostBytes = -1;

  constructor(maxSizeBytes: number, onProgress: (progress: MediaProgress) => void) {
    this.#maxSizeBytes = maxSizeBytes;
    this.#onProgress = onProgress;
  }

  /**
   * Takes one line.
   * @returns whether it shows that the work goes on. A download that starts again and again, which a server can
   * cause without end, does not; nor do errors after the first many.
   * @throws PermanentError `too_large`
   */
  take(line: string, stream: 'stdout' | 'stderr'): boolean {
    if (stream === 'stderr') return this.#takeError(line);
    const parsed = parseYtDlpLine(line);
    switch (parsed?.type) {
      case undefined:
        return false;
      case 'metadata':
        this.metadata = parsed;
        return true;
      case 'begin':
        this.hasBegun = true;
        return true;
      case 'file':
        this.file = parsed.file;
        return true;
      case 'progress':
        return this.#takeProgress(parsed);
    }
  }

  get warnings(): readonly string[] {
    return this.errorLines.filter((line) => line.startsWith('WARNING'));
  }

  get liveStatus(): string | undefined {
    return this.metadata?.liveStatus;
  }

  get releaseAt(): Date | undefined {
    return this.metadata?.releaseAt;
  }

  get isLive(): boolean {
    return this.liveStatus === 'is_live' || this.liveStatus === 'is_upcoming';
  }

  #takeError(line: string): boolean {
    const isFull = this.errorLines.length >= MOST_ERROR_LINES;
    if (isFull) this.errorLines.splice(MOST_ERROR_LINES / 2, 1);
    this.errorLines.push(line.slice(0, LONGEST_ERROR_LINE));
    return !isFull;
  }

  #takeProgress({ bytes, totalBytes, bytesPerSecond }: Extract<YtDlpLine, { type: 'progress' }>): boolean {
    if (bytes > this.#maxSizeBytes) {
      throw new PermanentError('too_large', 'The audio is larger than MAX_SIZE_BYTES.');
    }
    this.#onProgress({
      stage: 'fetch',
      ...(totalBytes === undefined || totalBytes <= 0
        ? {}
        : { percent: Math.min(100, (bytes / totalBytes) * 100) }),
      ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
    });
    if (bytes <= this.#mostBytes) return false;
    this.#mostBytes = bytes;
    return true;
  }
}
