import { InterruptedError } from '../domain/job-errors.ts';

/**
 * A job may not begin yet, because later stages must catch up first. It goes back to the head of its queue,
 * uncounted, and its worker takes no more until there is room.
 */
export class HeldBackError extends InterruptedError {
  /** Resolves when there may be room, or when the signal is aborted; never rejects. */
  readonly untilRoom: (signal: AbortSignal) => Promise<void>;

  constructor(reason: string, untilRoom: (signal: AbortSignal) => Promise<void>) {
    super(reason, { errorClass: 'back_pressure' });
    this.untilRoom = untilRoom;
  }
}
