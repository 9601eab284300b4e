type Progress = Readonly<Record<string, string | number>>;

const MIN_INTERVAL_MS = 1_000;
/** A job that ends sooner shows no progress: nobody could read it, and it would be most of what such a job says to Redis. */
const FIRST_MS = 500;

/** Sends on what a job reports of its progress. */
export interface ProgressReporter {
  readonly report: (progress: Progress) => void;
  /** The job has ended. */
  readonly stop: () => void;
}

/**
 * Sends progress on at most once a second, from half a second after the first report on; a new stage is then sent at once. One
 * send is under way at a time and a failed one is dropped: progress is for display only.
 */
export function createProgressReporter(
  send: (progress: Progress) => Promise<unknown>,
  now: () => number = Date.now,
): ProgressReporter {
  let lastSentAt = Number.NEGATIVE_INFINITY;
  let lastStage: string | number | undefined;
  let isSending = false;
  let latest: Progress | undefined;
  let first: NodeJS.Timeout | undefined;
  let isFirstOver = false;
  const sendOn = (progress: Progress) => {
    const isNewStage = progress['stage'] !== lastStage;
    if (isSending || (!isNewStage && now() - lastSentAt < MIN_INTERVAL_MS)) return;
    lastSentAt = now();
    lastStage = progress['stage'];
    isSending = true;
    send(progress)
      .catch(() => undefined)
      .finally(() => {
        isSending = false;
      });
  };
  return {
    report: (progress) => {
      latest = progress;
      if (isFirstOver) sendOn(progress);
      else
        first ??= setTimeout(() => {
          isFirstOver = true;
          if (latest !== undefined) sendOn(latest);
        }, FIRST_MS);
    },
    stop: () => {
      clearTimeout(first);
    },
  };
}
