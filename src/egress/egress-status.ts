import type { EgressLedger, EgressState } from './egress-ledger.ts';
import { ERROR_CLASSES, isErrorClass } from '../domain/error-classes.ts';
import { formatTextTable } from '../text/text-table.ts';
import { formatDuration } from '../text/units.ts';

/** The state of one way out to the site, as the whole fleet uses it. Nothing but its name tells which it is. */
export interface EgressStatus {
  readonly address: string;
  /** `open`: it rests. `half-open`: the rest is over and one job tests it, or the next will. */
  readonly state: EgressState['circuit'];
  /** The end of the rest; null when it does not rest. */
  readonly until: Date | null;
  /** When the site limited it; null while it is closed. */
  readonly since: Date | null;
  /** The error class that opened it, and what a person can do. */
  readonly reason: string | null;
  readonly advice: string | null;
  /** Starts of downloads and listings; null without a limit. */
  readonly budgetPerHour: number | null;
  readonly usedLastHour: number;
  /** How long until a start would be granted; 0: now. */
  readonly nextStartSeconds: number;
}

/** The ways out that were used within the last week, by name. */
export async function collectEgress(ledger: EgressLedger, at: Date): Promise<EgressStatus[]> {
  const states = await ledger.read();
  return states
    .map((state) => describe(state, at))
    .sort((one, other) => (one.address < other.address ? -1 : 1));
}

/** Redis tells lengths of time by its own clock; dates are made of them by the clock of whoever reads. */
function describe(state: EgressState, at: Date): EgressStatus {
  const isClosed = state.circuit === 'closed';
  const shift = (byMs: number) => new Date(at.getTime() + byMs);
  return {
    address: state.name,
    state: state.circuit,
    until: state.circuit === 'open' ? shift(state.restMs) : null,
    since: isClosed ? null : shift(-state.openForMs),
    reason: isClosed ? null : state.reason,
    advice: isClosed ? null : ERROR_CLASSES[isErrorClass(state.reason) ? state.reason : 'unknown'].advice,
    budgetPerHour: state.budgetPerHour === 0 ? null : state.budgetPerHour,
    usedLastHour: state.usedLastHour,
    nextStartSeconds: state.nextStartInMs / 1000,
  };
}

/** `open, 12 min more`: the state in a few words. */
export function describeCircuit({ state, until }: EgressStatus, now: Date): string {
  switch (state) {
    case 'closed':
      return 'serves';
    case 'open':
      return `rests, ${formatDuration(Math.max(0, ((until ?? now).getTime() - now.getTime()) / 1000))} more`;
    case 'half-open':
      return 'is tested';
  }
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

/** The ways out as a table; nothing when none was used. */
export function formatEgress(egress: readonly EgressStatus[], now: Date): string {
  if (egress.length === 0) return '';
  const table = formatTextTable(
    [
      { heading: 'WAYS OUT' },
      { heading: 'the site' },
      { heading: 'starts in the last hour', align: 'right' },
      { heading: 'next' },
    ],
    egress.map((one) => [
      one.address,
      describeCircuit(one, now),
      describeBudget(one),
      describeNextStart(one),
    ]),
  );
  const limited = egress.flatMap(({ address: identity, reason, advice }) =>
    reason === null ? [] : [`  ${identity}: ${reason}. ${advice ?? ''}`],
  );
  return [table, ...limited].join('\n');
}
