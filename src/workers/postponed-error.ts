import { InterruptedError } from '../domain/job-errors.ts';

/** What the job is about will be there later: it waits in its queue until then, uncounted, and keeps its place. */
export class PostponedError extends InterruptedError {
  readonly delayMs: number;

  constructor(message: string, delayMs: number, options: ErrorOptions) {
    super(message, options);
    this.delayMs = delayMs;
  }
}
