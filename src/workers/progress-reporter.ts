type Progress = Readonly<Record<string, string | number>>;

const MIN_INTERVAL_MS = 1_000;

/**
 * Sends progress on at most once a second; a new stage is sent at once. One send is under way at a time and a failed
 * one is dropped: progress is for display only.
 */
export function createProgressReporter(
  send: (progress: Progress) => Promise<unknown>,
  now: () => number = Date.now,
): (progress: Progress) => void {
  let lastSentAt = Number.NEGATIVE_INFINITY;
  let lastStage: string | number | undefined;
  let isSending = false;
  return (progress) => {
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
}
