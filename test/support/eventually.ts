import { setTimeout as delay } from 'node:timers/promises';

const INTERVAL_MS = 20;
const DEADLINE_MS = 15_000;

/**
 * Waits until a value is as wanted, looking again and again up to a deadline.
 * @throws Error that shows the last value seen.
 */
export async function eventually<T>(
  what: string,
  look: () => Promise<T> | T,
  isWanted: (value: T) => boolean = Boolean,
  deadlineMs = DEADLINE_MS,
): Promise<T> {
  const endsAt = Date.now() + deadlineMs;
  for (;;) {
    const value = await look();
    if (isWanted(value)) return value;
    if (Date.now() > endsAt) {
      throw new Error(`Waited ${String(deadlineMs)} ms for ${what}; last seen: ${JSON.stringify(value)}`);
    }
    await delay(INTERVAL_MS);
  }
}
