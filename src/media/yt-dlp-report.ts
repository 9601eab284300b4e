import { definedFields } from '../domain/defined-fields.ts';
import { percentOf, type MediaProgress } from './audio-downloader.ts';
import { audioTooLarge } from './media-errors.ts';
import { parseYtDlpLine, type YtDlpLine } from './yt-dlp-output.ts';

/** The kept lines of standard error: the first and the last ones, half of each. */
const MAX_ERROR_LINES = 200;
const MAX_ERROR_LINE_LENGTH = 2000;

/** Collects what one run of yt-dlp prints. */
export class YtDlpReport {
  metadata: Extract<YtDlpLine, { type: 'metadata' }> | undefined;
  /** Description, licence and tags. */
  details: Extract<YtDlpLine, { type: 'details' }>['details'] = {};
  file: string | undefined;
  /** Set when the download itself is about to start, so no filter left the video out. */
  format: Extract<YtDlpLine, { type: 'begin' }> | undefined;
  readonly errorLines: string[] = [];
  readonly #maxSizeBytes: number;
  readonly #onProgress: (progress: MediaProgress) => void;
  #maxBytes = -1;

  constructor(maxSizeBytes: number, onProgress: (progress: MediaProgress) => void) {
    this.#maxSizeBytes = maxSizeBytes;
    this.#onProgress = onProgress;
  }

  /**
   * @returns whether the line counts as progress. A download that starts again and again, which a server can cause
   * endlessly, does not; nor do errors when there are already many.
   * @throws PermanentError `too_large`
   */
  addLine(line: string, stream: 'stdout' | 'stderr'): boolean {
    if (stream === 'stderr') return this.#addError(line);
    const parsed = parseYtDlpLine(line);
    switch (parsed?.type) {
      case undefined:
        return false;
      case 'metadata':
        this.metadata = parsed;
        return true;
      case 'details':
        this.details = parsed.details;
        return true;
      case 'begin':
        this.format = parsed;
        return true;
      case 'file':
        this.file = parsed.file;
        return true;
      case 'progress':
        return this.#addProgress(parsed);
    }
  }

  get warnings(): readonly string[] {
    return this.errorLines.filter((line) => line.startsWith('WARNING'));
  }

  /** The broadcast is announced, running, or its recording is still processed. */
  get isUnfinished(): boolean {
    return ['is_live', 'is_upcoming', 'post_live'].includes(this.metadata?.liveStatus ?? '');
  }

  #addError(line: string): boolean {
    const isFull = this.errorLines.length >= MAX_ERROR_LINES;
    if (isFull) this.errorLines.splice(MAX_ERROR_LINES / 2, 1);
    this.errorLines.push(line.slice(0, MAX_ERROR_LINE_LENGTH));
    return !isFull;
  }

  #addProgress({ bytes, totalBytes, bytesPerSecond }: Extract<YtDlpLine, { type: 'progress' }>): boolean {
    if (bytes > this.#maxSizeBytes) throw audioTooLarge();
    const percent = percentOf(bytes, totalBytes);
    this.#onProgress(definedFields({ stage: 'fetch' as const, percent, bytesPerSecond }));
    if (bytes <= this.#maxBytes) return false;
    this.#maxBytes = bytes;
    return true;
  }
}
