import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

const TICKS_PER_SECOND = 10;

/** Passes bytes on at about this speed. */
export async function* trickle(source: Readable, bytesPerSecond: number): AsyncGenerator<Buffer> {
  const step = Math.max(1, Math.floor(bytesPerSecond / TICKS_PER_SECOND));
  for await (const chunk of source) {
    if (!(chunk instanceof Buffer)) throw new TypeError('media is read as bytes');
    for (let at = 0; at < chunk.length; at += step) {
      yield chunk.subarray(at, at + step);
      await delay(1000 / TICKS_PER_SECOND);
    }
  }
}
