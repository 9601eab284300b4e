import type { EgressLedger, EgressState } from './egress-ledger.ts';
import { adviceFor } from '../domain/error-classes.ts';
import { formatTextTable, numbers } from '../text/tables.ts';
import { formatDuration } from '../text/units.ts';

/** The state of one egress address, for all workers. Only its name is shown. */
export interface EgressStatus {
  readonly identity: string;
  /** `open`: it rests. `half-open`: the rest is over and one job probes it, or the next will. */
  readonly state: EgressState['circuit'];
  /** The end of the rest; null when it does not rest. */
  readonly until: Date | null;
  /** When the site limited it; null while it is closed. */
  readonly since: Date | null;
  /** The error class that opened it, and what a person can do. */
  readonly reason: string | null;
  readonly advice: string | null;
  /** The video or playlist whose refusal opened it, and the one that probes it now. */
  readonly item: string | null;
  readonly probe: string | null;
  /** Starts of downloads and listings; null without a limit. */
  readonly budgetPerHour: number | null;
  readonly usedLastHour: number;
  /** How long until a start would be granted; 0: now. */
  readonly nextStartSeconds: number;
}

/** The egress addresses that were used within the last week, by name. */
export async function readEgressStatus(ledger: EgressLedger, at: Date): Promise<EgressStatus[]> {
  const states = await ledger.read();
  return states
    .map((state) => describe(state, at))
    .sort((one, other) => (one.identity < other.identity ? -1 : 1));
}

/** Redis gives durations by its own clock; they become dates by the clock of the reader. */
function describe(state: EgressState, at: Date): EgressStatus {
  const isClosed = state.circuit === 'closed';
  const shift = (byMs: number) => new Date(at.getTime() + byMs);
  return {
    identity: state.name,
    state: state.circuit,
    until: state.circuit === 'open' ? shift(state.restMs) : null,
    since: isClosed ? null : shift(-state.openForMs),
    reason: isClosed ? null : state.reason,
    advice: isClosed ? null : adviceFor(state.reason),
    item: state.item === '' ? null : state.item,
    probe: state.probeItem === '' ? null : state.probeItem,
    budgetPerHour: state.budgetPerHour === 0 ? null : state.budgetPerHour,
    usedLastHour: state.usedLastHour,
    nextStartSeconds: state.nextStartInMs / 1000,
  };
}

/** `rests, 12 min more`: the state in a few words. */
export function describeCircuit({ state, until }: EgressStatus, now: Date): string {
  switch (state) {
    case 'closed':
      return 'serves';
    case 'open':
      return `rests, ${formatDuration(Math.max(0, ((until ?? now).getTime() - now.getTime()) / 1000))} more`;
    case 'half-open':
      return 'is probed';
  }
}

/** `since 10:04 because of youtube.X: bot_check; probing with youtube.Y`; undefined while it serves. The time is UTC. */
export function describeRest({ since, item, reason, probe }: EgressStatus): string | undefined {
  if (since === null || reason === null) return undefined;
  const cause = item === null ? '' : ` because of ${item}`;
  const probing = probe === null ? '' : `; probing with ${probe}`;
  return `since ${since.toISOString().slice(11, 16)} UTC${cause}: ${reason}${probing}`;
}

/** `12 of 300`, or `12` without a limit. */
export function describeBudget({ usedLastHour, budgetPerHour }: EgressStatus): string {
  return budgetPerHour === null
    ? String(usedLastHour)
    : `${String(usedLastHour)} of ${String(budgetPerHour)}`;
}

/** When a start could be made, in a word or two. */
export function describeNextStart({ nextStartSeconds }: EgressStatus): string {
  return nextStartSeconds === 0 ? 'now' : `in ${formatDuration(nextStartSeconds)}`;
}

/** A table of the egress addresses; empty when none was used. */
export function formatEgressStatus(egress: readonly EgressStatus[], now: Date): string {
  if (egress.length === 0) return '';
  const table = formatTextTable(
    ['EGRESS ADDRESS', 'state', ...numbers('starts in the last hour'), 'next start'],
    egress.map((one) => [
      one.identity,
      describeCircuit(one, now),
      describeBudget(one),
      describeNextStart(one),
    ]),
  );
  const limited = egress.flatMap((one) => {
    const rest = describeRest(one);
    return rest === undefined ? [] : [`  ${one.identity} rests ${rest}. ${one.advice ?? ''}`];
  });
  return [table, ...limited].join('\n');
}
