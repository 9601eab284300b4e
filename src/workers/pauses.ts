import type { IntakePauseRecord, IntakePauses } from '../queues/intake-pauses.ts';

/** Why a queue takes no jobs at the moment. */
export interface IntakePause {
  readonly kind: IntakePauseRecord['kind'];
  readonly errorClass: string;
  readonly reason: string;
  readonly advice: string;
  readonly since: Date;
  /** The item whose job met the fault. */
  readonly item?: string;
}

const TTL_MS = 60_000;
const RENEW_MS = 20_000;

/** Shows in Redis, for commands and pages, that one worker takes no jobs, for as long as it pauses. */
export class PauseNotice {
  readonly #pauses: IntakePauses;
  readonly #place: Pick<IntakePauseRecord, 'queue' | 'worker' | 'host'>;
  #renewal: NodeJS.Timeout | undefined;
  // Writes follow each other, so that a removal never comes before what it removes.
  #lastWrite: Promise<unknown> = Promise.resolve();

  /** @param place which worker of which queue pauses */
  constructor(pauses: IntakePauses, place: Pick<IntakePauseRecord, 'queue' | 'worker' | 'host'>) {
    this.#pauses = pauses;
    this.#place = place;
  }

  /** Shows a pause, in place of an earlier one. */
  show(pause: IntakePause): void {
    clearInterval(this.#renewal);
    const { errorClass, ...rest } = pause;
    const write = () => {
      this.#write(() => this.#pauses.put({ ...rest, class: errorClass, ...this.#place }, TTL_MS));
    };
    write();
    this.#renewal = setInterval(write, RENEW_MS);
  }

  /** Resolves when the notice is removed, or Redis does not take that. */
  async remove(): Promise<void> {
    if (this.#renewal === undefined) return;
    clearInterval(this.#renewal);
    this.#renewal = undefined;
    this.#write(() => this.#pauses.remove(this.#place.queue, this.#place.worker));
    await this.#lastWrite;
  }

  /** A notice that cannot be written is missed by its readers only; the pause itself does not depend on it. */
  #write(write: () => Promise<void>): void {
    this.#lastWrite = this.#lastWrite.then(write).catch(() => undefined);
  }
}
