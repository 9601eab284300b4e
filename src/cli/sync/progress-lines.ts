const EVERY_MS = 1000;

/**
 * Writes a line `{"progress": …}` every second, for programs that watch a run.
 * @returns ends the lines.
 */
export function writeProgressLines(
  write: (text: string) => Promise<void>,
  progress: () => object,
): () => void {
  const timer = setInterval(() => {
    // A reader that is gone ends the process in its own way.
    void write(`${JSON.stringify({ progress: progress() })}\n`);
  }, EVERY_MS);
  return () => {
    clearInterval(timer);
  };
}
