import { setTimeout as delay } from 'node:timers/promises';
import type { Mortal } from './fleet.ts';
import type { Kill, Victim } from './schedule.ts';

/** One kill that was done. */
interface DoneKill {
  readonly victim: Victim;
  readonly at: Date;
}

/**
 * Kills by the schedule until told to stop; each victim is started again. The next kill does not wait for that, so
 * that several may be down at once; one that is down is passed over.
 * @returns the kills that were done, once everything is up again.
 */
export async function killBySchedule(
  schedule: Iterator<Kill, never>,
  victims: ReadonlyMap<Victim, readonly Mortal[]>,
  stop: AbortSignal,
): Promise<DoneKill[]> {
  const done: DoneKill[] = [];
  const restarts = new Map<Mortal, Promise<void>>();
  try {
    for (;;) {
      const { afterMs, victim, which, downMs } = schedule.next().value;
      await delay(afterMs, undefined, { signal: stop });
      const candidates = victims.get(victim) ?? [];
      const mortal = candidates[Math.floor(which * candidates.length)];
      if (mortal === undefined || restarts.has(mortal)) continue;
      done.push({ victim, at: new Date() });
      const restart = mortal.killAndRestart(downMs);
      restarts.set(mortal, restart);
      restart.then(
        () => restarts.delete(mortal),
        () => undefined,
      );
    }
  } catch (error) {
    if (!stop.aborted) throw error;
  }
  await Promise.all(restarts.values());
  return done;
}
