import type { EgressUse, StartOutcome } from '../../src/egress/egress-ledger.ts';

/** A start that the model granted. */
export interface ModelGrant {
  readonly epoch: number;
  readonly use: EgressUse;
  readonly isProbe: boolean;
}

const HOUR_MS = 3_600_000;

/** The rules of one egress address in TypeScript, to compare the scripts in Redis with. */
export class EgressModel {
  readonly #limits: { readonly budget: number; readonly spacingMs: number; readonly leaseMs: number };
  readonly #rests: { readonly minRestMs: number; readonly maxRestMs: number };
  #starts: number[] = [];
  #opening: { until: number; by: EgressUse } | undefined;
  #lastOpenedBy: EgressUse | undefined;
  #probe: { grant: ModelGrant; until: number } | undefined;
  #level = 0;
  #epoch = 0;

  constructor(
    limits: { readonly budget: number; readonly spacingMs: number; readonly leaseMs: number },
    rests: { readonly minRestMs: number; readonly maxRestMs: number },
  ) {
    this.#limits = limits;
    this.#rests = rests;
  }

  /** How long until a start may be granted; not above 0: now. */
  waitMs(now: number): number {
    const { budget, spacingMs } = this.#limits;
    const due = [
      (this.#starts.at(-1) ?? -Infinity) + spacingMs,
      (this.#starts.at(-budget) ?? -Infinity) + HOUR_MS,
      this.#opening?.until ?? -Infinity,
      (this.#opening && this.#probe?.until) ?? -Infinity,
    ];
    return Math.max(...due) - now;
  }

  /** A grant, or how long to wait. */
  acquire(now: number, use: EgressUse): ModelGrant | number {
    const waitMs = this.waitMs(now);
    if (waitMs > 0) return waitMs;
    this.#starts.push(now);
    const grant = { epoch: this.#epoch, use, isProbe: this.#opening !== undefined };
    if (grant.isProbe) this.#probe = { grant, until: now + this.#limits.leaseMs };
    return grant;
  }

  /** What the outcome changed, and the rest that follows. */
  report(
    now: number,
    grant: ModelGrant,
    outcome: StartOutcome,
  ): { readonly change: string; readonly restMs: number } {
    if (this.#probe?.grant === grant) this.#probe = undefined;
    const isCurrent = grant.epoch === this.#epoch;
    const nothing = { change: 'none', restMs: 0 };
    if (outcome.kind === 'nothing') return nothing;
    if (outcome.kind === 'refused') {
      const restAtLeastMs = Math.min(outcome.restAtLeastMs, this.#rests.maxRestMs);
      if (isCurrent) return this.#open(now, grant.use, restAtLeastMs);
      if (this.#opening !== undefined && restAtLeastMs > 0) {
        this.#opening.until = Math.max(this.#opening.until, now + restAtLeastMs);
      }
      return nothing;
    }
    if (!isCurrent) return nothing;
    const wasOpen = this.#opening !== undefined;
    this.#opening = undefined;
    this.#probe = undefined;
    if (grant.use === 'download' || this.#lastOpenedBy === 'listing') {
      this.#level = 0;
      this.#lastOpenedBy = undefined;
    }
    return wasOpen ? { change: 'closed', restMs: 0 } : nothing;
  }

  #open(
    now: number,
    use: EgressUse,
    atLeastMs: number,
  ): { readonly change: string; readonly restMs: number } {
    const change = this.#opening === undefined ? 'opened' : 'prolonged';
    const restMs = Math.max(
      Math.min(this.#rests.minRestMs * 2 ** this.#level, this.#rests.maxRestMs),
      atLeastMs,
    );
    const by = this.#opening?.by === 'download' ? 'download' : use;
    this.#level += 1;
    this.#epoch += 1;
    this.#probe = undefined;
    this.#opening = { until: now + restMs, by };
    this.#lastOpenedBy = by;
    return { change, restMs };
  }
}
