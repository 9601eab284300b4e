/**
 * Every queue, in the order of a video's way: what its jobs do, and how many of them one worker process works on at once
 * unless `<NAME>_CONCURRENCY` says otherwise. Payloads and policies stand in src/queues/catalogue.ts.
 */
export const QUEUE_SUMMARIES = {
  playlist: { description: 'Lists a playlist and adds its new videos.', concurrency: 2 },
  download: {
    description: 'Downloads a video and makes a checked audio file of it in staging.',
    concurrency: 2,
  },
  upload: { description: 'Uploads a staged file to the bucket and verifies it there.', concurrency: 4 },
  sync: { description: 'Copies stored objects to Azure and verifies them there.', concurrency: 4 },
  retry: {
    description: 'Holds a failed round until its delay is over, then starts the next.',
    concurrency: 4,
  },
  collect: { description: 'Runs a source once and stores its documents.', concurrency: 2 },
  // Three, so that a walk through a large bucket, for the records and for the mirror, does not hold up the alerts.
  maintenance: { description: 'Repairs, alerts, snapshots and reports, by schedule.', concurrency: 3 },
} as const satisfies Record<string, { description: string; concurrency: number }>;

export type QueueName = keyof typeof QUEUE_SUMMARIES;

export const QUEUE_NAMES = Object.keys(QUEUE_SUMMARIES) as readonly QueueName[];

/** Whether a text from outside names a queue. */
export function isQueueName(text: string): text is QueueName {
  return Object.hasOwn(QUEUE_SUMMARIES, text);
}
