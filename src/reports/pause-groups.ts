import type { IntakePauseRecord } from '../queues/intake-pauses.ts';

/** The pauses of one queue for one reason, whichever workers have it. */
export interface PauseGroup extends Omit<IntakePauseRecord, 'worker' | 'host' | 'since'> {
  /** Of the first of them. */
  readonly since: Date;
  readonly workers: number;
  readonly hosts: readonly string[];
}

/** Puts together what a person takes for one pause: the same queue, the same cause. */
export function groupPauses(pauses: readonly IntakePauseRecord[]): PauseGroup[] {
  const groups = new Map<string, IntakePauseRecord[]>();
  for (const pause of pauses) {
    const key = `${pause.queue} ${pause.class}`;
    groups.set(key, [...(groups.get(key) ?? []), pause]);
  }
  return [...groups.values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const { queue, kind, class: errorClass, reason, advice } = first;
    return {
      ...{ queue, kind, class: errorClass, reason, advice },
      since: new Date(Math.min(...members.map(({ since }) => since.getTime()))),
      workers: members.length,
      hosts: [...new Set(members.map(({ host }) => host))].sort(),
    };
  });
}
