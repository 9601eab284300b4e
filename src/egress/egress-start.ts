import type { EgressAddress } from '../config/egress-identities.ts';
import type { EgressGrant, EgressResult } from './egress-ledger.ts';
import type { AnyJobError, ThrottledError } from '../domain/job-errors.ts';
import { egressResultOf } from './egress-result.ts';

/** What a turn does with what it learns. Neither rejects. */
export interface EgressStartHandlers {
  /** @returns whether the fleet knows now. */
  readonly report: (verdict: EgressResult) => Promise<boolean>;
  /** The fleet knows of this refusal. */
  readonly onRefusal: (error: ThrottledError) => void;
  readonly renew: () => Promise<void>;
  readonly renewEveryMs: number;
}

/** One start through one identity, from its grant to its end. A probe is renewed for as long as its job lives. */
export class EgressStart {
  readonly address: EgressAddress;
  readonly #handlers: EgressStartHandlers;
  readonly #isProbe: boolean;
  #renewal: NodeJS.Timeout | undefined;
  #confirmation: Promise<boolean> | undefined;
  #hasLeft = false;

  constructor(identity: EgressAddress, grant: EgressGrant, handlers: EgressStartHandlers) {
    this.address = identity;
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
    const isKnown = await this.#end(egressResultOf(error));
    if (isKnown && error.outcome === 'throttled') this.#handlers.onRefusal(error);
  }

  /** The start was given up, or ended elsewhere; this says nothing about the site. The first of these calls counts. */
  async leave(): Promise<void> {
    this.#hasLeft = true;
    await this.#end({ kind: 'nothing' });
  }

  async #end(verdict: EgressResult): Promise<boolean> {
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
