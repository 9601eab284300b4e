import type { QueueName } from '../queues/catalogue.ts';
import type { IntakePauses, PauseKind } from '../queues/intake-pauses.ts';

/** Why a queue takes no jobs at the moment. */
export interface IntakePause {
  readonly kind: PauseKind;
  readonly errorClass: string;
  readonly reason: string;
  readonly advice: string;
  readonly since: Date;
}

const LIFE_MS = 60_000;
const RENEW_MS = 20_000;

/** Tells the fleet that one worker's intake is paused, for as long as it is. */
export class PauseNotice {
  readonly #pauses: IntakePauses;
  readonly #place: { readonly queue: QueueName; readonly worker: string; readonly host: string };
  #renewal: NodeJS.Timeout | undefined;
  // Writes follow each other, so that a removal never comes before what it removes.
  #lastWrite: Promise<unknown> = Promise.resolve();

  constructor(
    pauses: IntakePauses,
    place: { readonly queue: QueueName; readonly worker: string; readonly host: string },
  ) {
    this.#pauses = pauses;
    this.#place = place;
  }

  /** Shows a pause, in the place of an earlier one. */
  show(pause: IntakePause): void {
    clearInterval(this.#renewal);
    const { errorClass, ...rest } = pause;
    const write = () => {
      this.#write(() => this.#pauses.put({ ...rest, class: errorClass, ...this.#place }, LIFE_MS));
    };
    write();
    this.#renewal = setInterval(write, RENEW_MS);
  }

  /** Takes the notice down. Resolves when that is written, or cannot be. */
  async takeDown(): Promise<void> {
    if (this.#renewal === undefined) return;
    clearInterval(this.#renewal);
    this.#renewal = undefined;
    this.#write(() => this.#pauses.remove(this.#place.queue, this.#place.worker));
    await this.#lastWrite;
  }

  /** A notice that cannot be written is missed by nobody but its readers; the pause itself stands without it. */
  #write(write: () => Promise<void>): void {
    this.#lastWrite = this.#lastWrite.then(write).catch(() => undefined);
  }
}
