import { Gauge, type Registry } from 'prom-client';
import type { EgressStatus } from '../egress/egress-status.ts';

const STATES: readonly EgressStatus['state'][] = ['closed', 'open', 'half-open'];

/** The figures of the ways out to the site. */
export function createEgressFigures(register: Registry) {
  const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Gauge<L>({ name: `sonotheque_egress_${name}`, help, labelNames, registers: [register] });
  const circuit = gauge('circuit', '1 for the state the circuit is in, 0 for the others', 'egress', 'state');
  const rest = gauge('rest_seconds', 'What is left of the rest; 0 when it does not rest', 'egress');
  const used = gauge('starts_last_hour', 'Starts of downloads and listings in the last hour', 'egress');
  const budget = gauge(
    'budget_starts_per_hour',
    'Most starts in an hour; left out without a limit',
    'egress',
  );
  const next = gauge('next_start_seconds', 'How long until a start would be granted', 'egress');
  return {
    reset: () => {
      for (const metric of [circuit, rest, used, budget, next]) metric.reset();
    },
    set: (egress: readonly EgressStatus[], at: Date) => {
      for (const one of egress) {
        const labels = { egress: one.address };
        for (const state of STATES) circuit.set({ ...labels, state }, one.state === state ? 1 : 0);
        rest.set(labels, one.until === null ? 0 : Math.max(0, (one.until.getTime() - at.getTime()) / 1000));
        used.set(labels, one.usedLastHour);
        if (one.budgetPerHour !== null) budget.set(labels, one.budgetPerHour);
        next.set(labels, one.nextStartSeconds);
      }
    },
  };
}
