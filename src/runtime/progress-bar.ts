import { SingleBar } from 'cli-progress';

export interface ProgressOptions {
  /** What is being done, such as `Copying`. */
  readonly label: string;
  /** Left out while it is unknown; `setTotal` sets it later. */
  readonly total?: number;
  /** Plural noun: `objects`, `videos`. */
  readonly unit: string;
  /** Standard error when left out. */
  readonly stream?: NodeJS.WriteStream;
}

export type Progress = ReturnType<typeof createProgress>;

const PLAIN_LINE_INTERVAL_MS = 5_000;
const BAR_WIDTH = 30;

/**
 * Shows progress: on a terminal a bar that is redrawn, else a plain line every few seconds and one at the end.
 * Standard output stays free for results.
 */
export function createProgress(options: ProgressOptions) {
  const { label, unit, stream = process.stderr } = options;
  const startedAt = performance.now();
  let { total } = options;
  let count = 0;
  let note: (() => string) | undefined;

  const figures = () => {
    const seconds = (performance.now() - startedAt) / 1000;
    const rate = seconds > 0 ? count / seconds : 0;
    const of = total === undefined ? '' : ` of ${String(total)}`;
    const suffix = note === undefined ? '' : `, ${note()}`;
    return `${String(count)}${of} ${unit}, ${rate.toFixed(rate < 10 ? 1 : 0)}/s${suffix}`;
  };
  // Without a known total there is no bar, only the count.
  const bar = () => {
    if (total === undefined) return '';
    const filled = total === 0 ? 0 : Math.min(BAR_WIDTH, Math.round((count / total) * BAR_WIDTH));
    return `[${'='.repeat(filled).padEnd(BAR_WIDTH)}] `;
  };
  const display = stream.isTTY
    ? showBar(stream, () => `${label} ${bar()}${figures()}`)
    : showLines(stream, () => `${label}: ${figures()}\n`);
  /** Sets the count. */
  const update = (newCount: number): void => {
    count = newCount;
    display.draw(count);
  };

  return {
    update,
    increment: (by = 1): void => {
      update(count + by);
    },
    setTotal: (newTotal: number): void => {
      total = newTotal;
      display.draw(count);
    },
    /** Sets what gives a short text after the figures, such as the bytes copied; it is called when they are shown. */
    note: (describe: () => string): void => {
      note = describe;
      display.draw(count);
    },
    /** Draws the last state and ends the line. */
    stop: (): void => {
      display.finish();
    },
  };
}

function showBar(stream: NodeJS.WriteStream, format: () => string) {
  const bar = new SingleBar({
    stream,
    format,
    hideCursor: true,
    clearOnComplete: false,
    // cli-progress would end the process on a signal; the command decides what an interruption does.
    gracefulExit: false,
  });
  bar.start(0, 0);
  return {
    draw: (count: number): void => {
      bar.update(count);
    },
    finish: (): void => {
      bar.stop();
    },
  };
}

function showLines(stream: NodeJS.WriteStream, format: () => string) {
  let writtenAt = performance.now();
  let written = '';
  const write = (): void => {
    writtenAt = performance.now();
    const line = format();
    if (line !== written) stream.write(line);
    written = line;
  };
  return {
    draw: (): void => {
      if (performance.now() - writtenAt >= PLAIN_LINE_INTERVAL_MS) write();
    },
    finish: write,
  };
}
