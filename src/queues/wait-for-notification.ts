import { MAX_TIMER_MS } from '../runtime/deadline.ts';
import { duplicateForMessages, type RedisConnection } from './redis-connection.ts';

/** What is waited for, and how one hears of it. */
export interface NotificationWait {
  readonly redis: RedisConnection;
  readonly channel: string;
  readonly signal: AbortSignal;
  /** The first check is made after this time; a notification makes it sooner. */
  readonly firstDelayMs: number;
  /** @returns 0 when the wait is over, else how long to wait before the next check, in milliseconds. */
  readonly check: () => Promise<number>;
}

/** Shorter waits are not worth a connection of their own. */
const MIN_LISTEN_MS = 2_000;
/** Notifications that come closer together than this share one check. */
const MIN_CHECK_INTERVAL_MS = 250;
/** Until the next check after one that failed, as Redis does not answer. */
const RECHECK_MS = 5_000;

/**
 * Waits until a check succeeds or the signal is aborted; never rejects. It checks when it is notified on the channel, on
 * a connection of its own, and after the delay that the last check gave, should a notification be lost.
 */
export async function waitForNotification(wait: NotificationWait): Promise<void> {
  const { redis, channel, signal, check } = wait;
  let listener: RedisConnection | undefined;
  let isNotified = false;
  let wake: (() => void) | undefined;
  const sleep = (delayMs: number, endsOnNotification: boolean) =>
    new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        wake = undefined;
        resolve();
      };
      const timer = setTimeout(end, Math.min(delayMs, MAX_TIMER_MS));
      signal.addEventListener('abort', end, { once: true });
      if (endsOnNotification) wake = end;
      if (signal.aborted || (endsOnNotification && isNotified)) end();
    });
  const listen = async () => {
    listener = duplicateForMessages(redis);
    listener.on('message', () => {
      isNotified = true;
      wake?.();
    });
    // Without Redis the timer is what is left.
    await Promise.race([listener.subscribe(channel).catch(() => undefined), sleep(RECHECK_MS, false)]);
  };

  try {
    let checkedAt = -Infinity;
    for (let delayMs = wait.firstDelayMs; delayMs > 0;) {
      if (listener === undefined && delayMs >= MIN_LISTEN_MS) {
        await listen();
        // What was notified before the subscription is found by one more check.
        isNotified = true;
      }
      await sleep(delayMs, true);
      await sleep(Math.max(0, checkedAt + MIN_CHECK_INTERVAL_MS - performance.now()), false);
      if (signal.aborted) return;
      isNotified = false;
      checkedAt = performance.now();
      delayMs = await check().catch(() => RECHECK_MS);
    }
  } finally {
    listener?.disconnect();
  }
}
