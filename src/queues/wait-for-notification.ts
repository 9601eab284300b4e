import type { Redis } from 'ioredis';

/** What is waited for, and how. */
export interface Wait {
  readonly signal: AbortSignal;
  /** The longest time between two looks, should an announcement be lost. */
  readonly lookAgainMs: number;
  readonly isThere: () => Promise<boolean>;
}

/** Announcements that come closer together than this share one look. */
const LEAST_INTERVAL_MS = 250;

/**
 * Waits for something that is announced on a channel. Resolves when it is there or the signal is aborted; never
 * rejects. Listens on a connection of its own for as long as it waits.
 */
export async function untilAnnounced(redis: Redis, channel: string, wait: Wait): Promise<void> {
  const { signal, lookAgainMs, isThere } = wait;
  const listener = redis.duplicate({ maxRetriesPerRequest: null });
  listener.on('error', () => undefined);
  let wasAnnounced = false;
  let wake: (() => void) | undefined;
  listener.on('message', () => {
    wasAnnounced = true;
    wake?.();
  });
  const nap = (delayMs: number, isWoken: boolean) =>
    new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        wake = undefined;
        resolve();
      };
      const timer = setTimeout(end, delayMs);
      signal.addEventListener('abort', end, { once: true });
      if (isWoken) wake = end;
      if (signal.aborted || (isWoken && wasAnnounced)) end();
    });
  // Without Redis the timer is what is left.
  listener.subscribe(channel).catch(() => undefined);
  try {
    while (!signal.aborted) {
      await nap(LEAST_INTERVAL_MS, false);
      wasAnnounced = false;
      if (await isThere().catch(() => false)) return;
      await nap(lookAgainMs, true);
    }
  } finally {
    listener.disconnect();
  }
}
