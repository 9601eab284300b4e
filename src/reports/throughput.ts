import type { Database } from '../database/database.ts';
import { STEP_MS, stepOf, type Step } from './rates.ts';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** So long after its end a step may still change: the clocks of workers differ. */
const SETTLING_MS = STEP_MS;

/**
 * What was stored and what failed within the last day, in steps. Steps that are over are read once and remembered; a reading
 * covers the last two of them, or the whole day the first time.
 */
export class ThroughputReader {
  readonly #database: Pick<Database, 'throughput' | 'attempts'>;
  #steps = new Map<number, Step>();
  /** Steps before it are complete. */
  #readUntil = 0;

  constructor(database: Pick<Database, 'throughput' | 'attempts'>) {
    this.#database = database;
  }

  async read(now: Date): Promise<readonly Step[]> {
    const dayAgo = stepOf(now) - DAY_MS;
    const from = Math.max(this.#readUntil, dayAgo);
    const [stored, failed] = await Promise.all([
      this.#database.throughput.storedSince(new Date(from)),
      this.#database.attempts.failedSince(new Date(from)),
    ]);
    const steps = new Map([...this.#steps].filter(([at]) => at >= dayAgo && at < from));
    const add = (minute: Date, more: Partial<Omit<Step, 'at'>>) => {
      const at = stepOf(minute);
      const { videos = 0, audioSeconds = 0, bytes = 0, failed: failures = 0 } = steps.get(at) ?? {};
      steps.set(at, {
        at: new Date(at),
        videos: videos + (more.videos ?? 0),
        audioSeconds: audioSeconds + (more.audioSeconds ?? 0),
        bytes: bytes + (more.bytes ?? 0),
        failed: failures + (more.failed ?? 0),
      });
    };
    for (const { minute, videos, seconds, bytes } of stored) {
      add(minute, { videos, bytes, audioSeconds: seconds });
    }
    for (const { minute, failed: count } of failed) add(minute, { failed: count });
    this.#steps = steps;
    this.#readUntil = stepOf(new Date(now.getTime() - SETTLING_MS));
    return [...steps.values()].sort((one, other) => one.at.getTime() - other.at.getTime());
  }
}
