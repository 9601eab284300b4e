/** How often the processor time of this thread is looked at. */
const LOOK_MS = 5;

/**
 * Watches whether anything blocks the event loop of this thread. It counts the processor time of this thread between two
 * timers, which a busy machine does not change; `monitorEventLoopDelay` counts the time when other processes run as well.
 * @returns a function that stops watching and returns the longest time in milliseconds.
 */
export function watchLoop(): () => number {
  let longestMicroseconds = 0;
  let last = processorTime();
  const look = () => {
    const now = processorTime();
    longestMicroseconds = Math.max(longestMicroseconds, now - last);
    last = now;
  };
  const timer = setInterval(look, LOOK_MS);
  return () => {
    clearInterval(timer);
    look();
    return longestMicroseconds / 1000;
  };
}

function processorTime(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}
