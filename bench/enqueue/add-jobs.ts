import { Queue, type JobsOptions } from 'bullmq';
import { jobIdentityOf, jobOptionsOf } from '../../src/queues/catalogue.ts';
import { JobQueues } from '../../src/queues/job-queues.ts';
import { createBenchConfig } from '../support/bench-config.ts';
import { measure } from '../support/measure.ts';

const BATCH = 100;

type Job = ReturnType<typeof jobOf>;

function jobOf(index: number) {
  return { provider: 'youtube' as const, videoId: `b${String(index).padStart(10, '0')}`, round: 0 };
}

/**
 * The floor: BullMQ alone, without our checks.
 * @param optionsOf what each job is added with; left out: no id, attempts or retention of its own
 */
export async function addPlainJobs(
  count: number,
  optionsOf: (job: Job) => JobsOptions = () => ({}),
): Promise<{ readonly jobsPerSecond: number }> {
  const { name, config } = createBenchConfig();
  const queues = new JobQueues(config.redis);
  const plain = new Queue(`${name}-plain`, { connection: queues.redis, prefix: name });
  try {
    return await timed(count, (batch) =>
      plain.addBulk(batch.map((data) => ({ name: 'plain', data, opts: optionsOf(data) }))),
    );
  } finally {
    await plain.obliterate({ force: true });
    await plain.close();
    await queues.close();
  }
}

/** The id, the attempts and the retention of our jobs. */
export function optionsOfOurs(job: Job): JobsOptions {
  return { ...jobOptionsOf('upload'), ...jobIdentityOf('upload', job) };
}

/** By our code. */
export async function addStageJobs(count: number): Promise<{ readonly jobsPerSecond: number }> {
  const { config } = createBenchConfig();
  const queues = new JobQueues(config.redis);
  try {
    return await timed(count, (batch) =>
      queues.addMany(
        'upload',
        batch.map((payload) => ({ payload })),
      ),
    );
  } finally {
    await queues.queue('upload').obliterate({ force: true });
    await queues.close();
  }
}

async function timed(
  count: number,
  add: (batch: readonly Job[]) => Promise<unknown>,
): Promise<{ readonly jobsPerSecond: number }> {
  const jobs = Array.from({ length: count }, (_value, index) => jobOf(index));
  // Connecting and loading the scripts is done once in a process.
  await add(Array.from({ length: BATCH }, (_value, index) => jobOf(count + index)));
  const { seconds } = await measure(async () => {
    for (let start = 0; start < count; start += BATCH) await add(jobs.slice(start, start + BATCH));
  });
  return { jobsPerSecond: count / seconds };
}
