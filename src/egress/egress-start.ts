import type { EgressIdentity } from '../config/egress-identities.ts';
import type { EgressGrant, EgressVerdict } from './egress-ledger.ts';
import type { AnyJobError, ThrottledError } from '../domain/job-errors.ts';
import { verdictOf } from './verdict.ts';

/** What a turn does with what it learns. Neither rejects. */
export interface TurnHandlers {
  /** @returns whether the fleet knows now. */
  readonly report: (verdict: EgressVerdict) => Promise<boolean>;
  /** The fleet knows of this refusal. */
  readonly onRefusal: (error: ThrottledError) => void;
  readonly renew: () => Promise<void>;
  readonly renewEveryMs: number;
}

/** One start through one identity, from its grant to its end. A probe is renewed for as long as its job lives. */
export class EgressTurn {
  readonly identity: EgressIdentity;
  readonly #handlers: TurnHandlers;
  readonly #isProbe: boolean;
  #renewal: NodeJS.Timeout | undefined;
  #confirmation: Promise<boolean> | undefined;
  #hasLeft = false;

  constructor(identity: EgressIdentity, grant: EgressGrant, handlers: TurnHandlers) {
    this.identity = identity;
    this.#handlers = handlers;
    this.#isProbe = grant.isProbe;
    if (grant.isProbe) this.#renewal = setInterval(() => void handlers.renew(), handlers.renewEveryMs);
  }

  /** The site serves what was asked for: the others need not wait until all of it is here. */
  confirm(): void {
    if (this.#confirmation !== undefined || this.#hasLeft) return;
    clearInterval(this.#renewal);
    this.#confirmation = this.#handlers.report({ kind: 'answered' });
  }

  /** The start went well. */
  async succeed(): Promise<void> {
    this.confirm();
    await this.#confirmation;
  }

  /** The start failed. */
  async fail(error: AnyJobError): Promise<void> {
    const isKnown = await this.#end(verdictOf(error));
    if (isKnown && error.outcome === 'throttled') this.#handlers.onRefusal(error);
  }

  /** The start was given up, or ended elsewhere; this says nothing about the site. The first of these calls counts. */
  async leave(): Promise<void> {
    this.#hasLeft = true;
    await this.#end({ kind: 'nothing' });
  }

  async #end(verdict: EgressVerdict): Promise<boolean> {
    clearInterval(this.#renewal);
    // A verdict on its way must not come after this one.
    await this.#confirmation;
    const isProbeStill = this.#isProbe && this.#confirmation === undefined;
    if (verdict.kind === 'refused' || isProbeStill || (verdict.kind === 'answered' && !this.#confirmation)) {
      this.#confirmation = this.#handlers.report(verdict);
      return await this.#confirmation;
    }
    return false;
  }
}
