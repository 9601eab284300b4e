import type { EgressAddress } from '../domain/egress-address.ts';
import { ThrottledError, type AnyJobError } from '../domain/job-errors.ts';
import type { EgressChange, EgressGrant, StartOutcome } from './egress-ledger.ts';
import { startOutcomeOf } from './egress-outcome.ts';

/** What a start does with what it learns. None rejects. */
export interface EgressStartHandlers {
  /** @returns undefined when the ledger did not take the report. */
  readonly report: (outcome: StartOutcome) => Promise<EgressChange | undefined>;
  /** The ledger has this refusal. */
  readonly onRefusal: (error: ThrottledError, change: EgressChange) => void;
  readonly renew: () => Promise<void>;
  readonly renewEveryMs: number;
}

/** One start through one egress address, from its grant to its end. A probe is renewed for as long as its job runs. */
export class EgressStart {
  readonly address: EgressAddress;
  readonly #handlers: EgressStartHandlers;
  readonly #isProbe: boolean;
  #renewal: NodeJS.Timeout | undefined;
  #confirmation: Promise<EgressChange | undefined> | undefined;
  #isAbandoned = false;

  constructor(address: EgressAddress, grant: EgressGrant, handlers: EgressStartHandlers) {
    this.address = address;
    this.#handlers = handlers;
    this.#isProbe = grant.isProbe;
    if (grant.isProbe) this.#renewal = setInterval(() => void handlers.renew(), handlers.renewEveryMs);
  }

  /** The site serves what was asked for: other starts need not wait until all of it has arrived. */
  confirm(): void {
    if (this.#confirmation !== undefined || this.#isAbandoned) return;
    clearInterval(this.#renewal);
    this.#confirmation = this.#handlers.report({ kind: 'answered' });
  }

  async succeed(): Promise<void> {
    this.confirm();
    await this.#confirmation;
  }

  /** @returns the error to go by: a failure that belongs to an outage spends no attempt. */
  async fail(error: AnyJobError): Promise<AnyJobError> {
    if (this.#isAbandoned) return error;
    const outcome = startOutcomeOf(error);
    const change = await this.#end(outcome);
    if (change === undefined) return error;
    const isOutage = outcome.kind === 'failed' && change.change !== 'none';
    const refusal = isOutage ? new ThrottledError('outage', error.message, { cause: error }) : error;
    if (refusal.outcome === 'throttled') this.#handlers.onRefusal(refusal, change);
    return refusal;
  }

  /** The start ended in a way that says nothing about the site. After another end it does nothing. */
  async abandon(): Promise<void> {
    this.#isAbandoned = true;
    await this.#end({ kind: 'nothing' });
  }

  async #end(outcome: StartOutcome): Promise<EgressChange | undefined> {
    clearInterval(this.#renewal);
    // A report under way must not come after this one.
    await this.#confirmation;
    const isUnconfirmed = this.#confirmation === undefined;
    const isWorthReporting =
      outcome.kind === 'refused' || (isUnconfirmed && (this.#isProbe || outcome.kind !== 'nothing'));
    if (!isWorthReporting) return undefined;
    this.#confirmation = this.#handlers.report(outcome);
    return await this.#confirmation;
  }
}
