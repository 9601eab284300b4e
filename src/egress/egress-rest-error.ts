import { InterruptedError } from '../domain/job-errors.ts';

/** No way out may be used now: the job goes back to the head of its queue, uncounted, and its worker rests. */
export class EgressRestError extends InterruptedError {
  /** How long it is of no use to ask again, in milliseconds. */
  readonly restMs: number;

  constructor(restMs: number) {
    super('The budget of all ways out is spent, or they rest.', { errorClass: 'egress_rest' });
    this.restMs = restMs;
  }
}
