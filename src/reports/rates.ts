/** What happened within one time step of the throughput. */
export interface Step {
  readonly at: Date;
  /** Videos stored, and their audio. */
  readonly videos: number;
  readonly audioSeconds: number;
  readonly bytes: number;
  /** Attempts that failed. */
  readonly failed: number;
}

/** How fast the archive grew over a time. */
export interface Rate {
  /** How long that time is: whole steps and the one that is not over yet. */
  readonly seconds: number;
  readonly videos: number;
  readonly failed: number;
  readonly videosPerHour: number;
  readonly bytesPerHour: number;
  /** Hours of audio for an hour of time. */
  readonly realTimeFactor: number;
}

/** The length of a step, which divides an hour. */
export const STEP_MS = 10 * 60_000;

export function stepOf(at: Date): number {
  return Math.floor(at.getTime() / STEP_MS) * STEP_MS;
}

/**
 * The rate over the last steps.
 * @param steps any of them; steps that are missing are empty
 * @param windowMs a multiple of STEP_MS; the step that is not over yet comes in addition
 */
export function rateOver(steps: readonly Step[], now: Date, windowMs: number): Rate {
  const from = stepOf(now) - windowMs;
  const seconds = (now.getTime() - from) / 1000;
  const inWindow = steps.filter(({ at }) => at.getTime() >= from && at.getTime() <= now.getTime());
  const sum = (valueOf: (step: Step) => number) => inWindow.reduce((total, step) => total + valueOf(step), 0);
  const videos = sum((step) => step.videos);
  const perHour = (value: number) => (value * 3600) / seconds;
  return {
    seconds,
    videos,
    failed: sum((step) => step.failed),
    videosPerHour: perHour(videos),
    bytesPerHour: perHour(sum((step) => step.bytes)),
    realTimeFactor: sum((step) => step.audioSeconds) / seconds,
  };
}

/**
 * How long the videos that wait take at this rate.
 * @returns seconds; 0 when none waits; null while nothing is stored: nobody knows.
 */
export function secondsLeft(waiting: number, { videosPerHour }: Pick<Rate, 'videosPerHour'>): number | null {
  if (waiting === 0) return 0;
  return videosPerHour > 0 ? (waiting / videosPerHour) * 3600 : null;
}

/** All steps from the first to the present one, those in which nothing happened included. */
export function everyStep(steps: readonly Step[], now: Date, windowMs: number): Step[] {
  const byTime = new Map(steps.map((step) => [step.at.getTime(), step]));
  const last = stepOf(now);
  const all: Step[] = [];
  for (let at = last - windowMs; at <= last; at += STEP_MS) {
    all.push(byTime.get(at) ?? { at: new Date(at), videos: 0, audioSeconds: 0, bytes: 0, failed: 0 });
  }
  return all;
}
