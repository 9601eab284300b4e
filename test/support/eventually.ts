import { setTimeout as delay } from 'node:timers/promises';

const INTERVAL_MS = 20;
const DEADLINE_MS = 60_000;

/**
 * Reads a value repeatedly until it is as wanted, up to a deadline.
 * @throws Error with the last value.
 */
export async function eventually<T>(
  what: string,
  read: () => Promise<T> | T,
  isWanted: (value: T) => boolean = Boolean,
  deadlineMs = DEADLINE_MS,
): Promise<T> {
  const endsAt = Date.now() + deadlineMs;
  for (;;) {
    const value = await read();
    if (isWanted(value)) return value;
    if (Date.now() > endsAt) {
      throw new Error(`Waited ${String(deadlineMs)} ms for ${what}; last value: ${JSON.stringify(value)}`);
    }
    await delay(INTERVAL_MS);
  }
}
