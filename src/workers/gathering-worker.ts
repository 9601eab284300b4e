import { setTimeout as delay } from 'node:timers/promises';
import { Worker, type Job, type JobJson } from 'bullmq';

/**
 * A video that has passed a stage is rarely the only one: those of the next moments are taken together, which costs one look
 * at an empty queue and not one for each, and what their jobs do at the same time goes to the servers together.
 */
const GATHER_MS = 100;

/**
 * BullMQ's worker, which waits a moment before it takes the first job of a queue that was empty. While jobs wait it takes one as
 * soon as another ends.
 */
export class GatheringWorker extends Worker {
  #isDrained = false;

  protected override async moveToActive(token: string, name?: string): Promise<Job> {
    if (this.#isDrained) {
      await delay(GATHER_MS);
      // It was told so meanwhile; BullMQ looks before it waits for a job.
      if (this.paused || this.closing !== undefined) return await nothing();
    }
    return await super.moveToActive(token, name);
  }

  protected override async nextJobFromJobData(data?: JobJson, id?: string, token?: string): Promise<Job> {
    const job = (await super.nextJobFromJobData(data, id, token)) as Job | undefined;
    this.#isDrained = job === undefined;
    return job ?? (await nothing());
  }
}

/** BullMQ's types leave out that there may be no job. */
function nothing(): Promise<Job> {
  return Promise.resolve(undefined as unknown as Job);
}
