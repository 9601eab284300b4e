import type { IntakePauseRecord } from '../queues/intake-pauses.ts';

/**
 * Groups pauses by queue and error class: several workers with the same reason are one pause to a person. `since` is
 * when the first worker paused.
 */
export function groupPauses(pauses: readonly IntakePauseRecord[]) {
  const groups = Map.groupBy(pauses, (pause) => `${pause.queue} ${pause.class}`);
  return [...groups.values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const { worker: _worker, host: _host, ...shared } = first;
    return {
      ...shared,
      reason: first.item === undefined ? first.reason : `${first.item}: ${first.reason}`,
      since: new Date(Math.min(...members.map(({ since }) => since.getTime()))),
      workers: members.length,
      hosts: [...new Set(members.map(({ host }) => host))].sort(),
    };
  });
}
