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

export interface Progress {
  readonly increment: (by?: number) => void;
  /** Sets the count. */
  update(count: number): void;
  setTotal(total: number): void;
  /** A short text after the figures, such as the bytes copied. */
  note(text: string): void;
  /** Draws the last state and ends the line. */
  stop(): void;
}

const PLAIN_LINE_INTERVAL_MS = 5_000;

/**
 * Shows progress: on a terminal a bar that is redrawn, else a plain line every few seconds and one at the end.
 * Standard output stays free for results.
 */
export function createProgress(options: ProgressOptions): Progress {
  const stream = options.stream ?? process.stderr;
  const state = { count: 0, total: options.total, note: '', startedAt: performance.now() };
  const display = stream.isTTY ? showBar(options, stream, state) : showLines(options, stream, state);
  const update = (count: number) => {
    state.count = count;
    display.draw();
  };
  return {
    update,
    increment: (by = 1) => {
      update(state.count + by);
    },
    setTotal: (total) => {
      state.total = total;
      display.draw();
    },
    note: (text) => {
      state.note = text;
      display.draw();
    },
    stop: () => {
      display.finish();
    },
  };
}

interface State {
  count: number;
  total: number | undefined;
  note: string;
  readonly startedAt: number;
}

interface Display {
  draw(): void;
  finish(): void;
}

function showBar(options: ProgressOptions, stream: NodeJS.WriteStream, state: State): Display {
  const bar = new SingleBar({
    stream,
    // Without a known total there is no bar, only the count.
    format: () => {
      const { total, count } = state;
      const width = 30;
      const filled =
        total === undefined || total === 0 ? 0 : Math.min(width, Math.round((count / total) * width));
      const graph = total === undefined ? '' : `[${'='.repeat(filled)}${' '.repeat(width - filled)}] `;
      return `${options.label} ${graph}${figures(options, state)}`;
    },
    hideCursor: true,
    clearOnComplete: false,
    // cli-progress would end the process on a signal; the command decides what an interruption does.
    gracefulExit: false,
  });
  bar.start(state.total ?? 0, 0);
  const draw = () => {
    if (state.total !== undefined) bar.setTotal(state.total);
    bar.update(state.count);
  };
  return {
    draw,
    finish: () => {
      draw();
      bar.stop();
    },
  };
}

function showLines(options: ProgressOptions, stream: NodeJS.WriteStream, state: State): Display {
  let writtenAt = state.startedAt;
  let written = '';
  const write = () => {
    writtenAt = performance.now();
    const line = `${options.label}: ${figures(options, state)}\n`;
    if (line !== written) stream.write(line);
    written = line;
  };
  return {
    draw: () => {
      if (performance.now() - writtenAt >= PLAIN_LINE_INTERVAL_MS) write();
    },
    finish: write,
  };
}

function figures(options: ProgressOptions, state: State): string {
  const seconds = (performance.now() - state.startedAt) / 1000;
  const rate = seconds > 0 ? state.count / seconds : 0;
  const of = state.total === undefined ? '' : ` of ${String(state.total)}`;
  const note = state.note === '' ? '' : `, ${state.note}`;
  return `${String(state.count)}${of} ${options.unit}, ${rate.toFixed(rate < 10 ? 1 : 0)}/s${note}`;
}
