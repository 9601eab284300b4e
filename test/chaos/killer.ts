import { setTimeout as delay } from 'node:timers/promises';
import type { Killable } from './killable.ts';
import type { Kill, Victim } from './schedule.ts';

interface DoneKill {
  readonly victim: Victim;
  readonly at: Date;
}

/**
 * Kills by the schedule until `stop` aborts; each victim is started again. The next kill does not wait for that, so
 * several may be down at once; a victim that is down already is skipped.
 * @returns the kills that were done, once everything runs again.
 */
export async function killBySchedule(
  schedule: Iterator<Kill, never>,
  victims: ReadonlyMap<Victim, readonly Killable[]>,
  stop: AbortSignal,
): Promise<DoneKill[]> {
  const done: DoneKill[] = [];
  const restarts = new Map<Killable, Promise<void>>();
  try {
    for (;;) {
      const { afterMs, victim, which, downMs } = schedule.next().value;
      await delay(afterMs, undefined, { signal: stop });
      const candidates = victims.get(victim) ?? [];
      const target = candidates[Math.floor(which * candidates.length)];
      if (target === undefined || restarts.has(target)) continue;
      done.push({ victim, at: new Date() });
      const restart = target.killAndRestart(downMs);
      restarts.set(target, restart);
      restart.then(
        () => restarts.delete(target),
        () => undefined,
      );
    }
  } catch (error) {
    if (!stop.aborted) throw error;
  }
  await Promise.all(restarts.values());
  return done;
}
