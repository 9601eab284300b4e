import type { Redis } from 'ioredis';

/** What is waited for, and how one hears of it. */
export interface TurnWait {
  readonly redis: Redis;
  /** Where it is announced that a start may be granted sooner than was thought. */
  readonly channel: string;
  readonly signal: AbortSignal;
  /** How long it is of no use to look, in milliseconds. */
  readonly restMs: number;
  /** How long it still is; 0: a start would be granted now. */
  readonly remainingMs: () => Promise<number>;
}

/** Shorter rests are sat out: nobody would announce their end. */
const LISTEN_FROM_MS = 2_000;
/** Longer delays overflow Node's timers and would fire at once. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;
/** The pause after a look that failed, as Redis does not answer. */
const LOOK_AGAIN_MS = 5_000;

/** Waits until a start may be granted or the signal is aborted; never rejects. */
export async function untilTurn(wait: TurnWait): Promise<void> {
  const { signal, remainingMs } = wait;
  let restMs = wait.restMs;
  let announced = false;
  let wake: () => void = () => undefined;
  const listener = restMs < LISTEN_FROM_MS ? undefined : wait.redis.duplicate({ maxRetriesPerRequest: null });
  listener?.on('error', () => undefined);
  listener?.on('message', () => {
    announced = true;
    wake();
  });
  // Without Redis the timer is what is left.
  listener?.subscribe(wait.channel).catch(() => undefined);
  const nap = () =>
    new Promise<void>((resolve) => {
      if (announced || signal.aborted) {
        resolve();
        return;
      }
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        wake = () => undefined;
        resolve();
      };
      const timer = setTimeout(end, Math.min(restMs, LONGEST_DELAY_MS));
      signal.addEventListener('abort', end, { once: true });
      wake = end;
    });
  try {
    while (restMs > 0 && !signal.aborted) {
      await nap();
      announced = false;
      restMs = await remainingMs().catch(() => LOOK_AGAIN_MS);
    }
  } finally {
    listener?.disconnect();
  }
}
