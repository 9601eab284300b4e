import { z } from 'zod';
import { QUEUE_NAMES } from '../../../domain/queues.ts';
import { statusWarnings } from '../../../reports/status.ts';
import { VIDEO_STATUSES } from '../../../domain/video-status.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { failure, moment } from '../fields.ts';

const failingVideo = z
  .object({
    ...{ id: z.string(), title: z.string().nullable(), url: z.string(), stage: z.string() },
    ...failure.shape,
    at: moment,
    nextRetryAt: moment.nullable(),
    retryAttempts: z.number(),
  })
  .meta({ id: 'FailingVideo' });

const pause = z
  .object({
    queue: z.enum(QUEUE_NAMES),
    ...{ worker: z.string(), host: z.string(), kind: z.enum(['fault', 'back_pressure']) },
    ...{ class: z.string(), reason: z.string(), advice: z.string() },
    item: z.string().optional().meta({ description: 'The item whose job met the fault.' }),
    since: moment,
  })
  .meta({ id: 'IntakePause', description: 'A worker that takes no jobs of a queue, and why.' });

export const egressAddress = z
  .object({
    identity: z.string().meta({ description: 'Its name.' }),
    state: z
      .enum(['closed', 'open', 'half-open'])
      .meta({ description: '`closed`: it serves. `open`: it rests. `half-open`: one start probes it.' }),
    until: moment.nullable().meta({ description: 'The end of the rest.' }),
    since: moment.nullable(),
    reason: z.string().nullable().meta({ description: 'The error class that opened it.' }),
    advice: z.string().nullable(),
    item: z.string().nullable().meta({ description: 'The video or playlist whose refusal opened it.' }),
    probe: z.string().nullable().meta({ description: 'The video or playlist that probes it now.' }),
    budgetPerHour: z.number().nullable(),
    usedLastHour: z.number(),
    nextStartSeconds: z.number().meta({ description: 'Until a start would be granted; 0: now.' }),
  })
  .meta({ id: 'EgressAddress' });

const jobs = z.number().meta({ description: 'Jobs in this state.' });
export const queue = z
  .object({
    ...{ waiting: jobs, active: jobs, delayed: jobs, failed: jobs, completed: jobs },
    oldestWaitingSeconds: z.number().nullable().meta({ description: 'Null when nothing waits.' }),
  })
  .meta({ id: 'Queue' });

const warning = z.object({ message: z.string(), advice: z.string() }).meta({ id: 'Warning' });
const count = z.number();

const status = z
  .object({
    at: moment,
    countedAt: moment.nullable().meta({
      description:
        'When numbers of videos above 20,000 were counted, which are not counted for each request; null when all were counted now.',
    }),
    videos: z.object({ total: count, ...Object.fromEntries(VIDEO_STATUSES.map((name) => [name, count])) }),
    queues: z.record(z.enum(QUEUE_NAMES), queue),
    audio: z.object({ hours: z.number(), bytes: z.number() }),
    failures: z
      .array(z.object({ class: z.string(), count, advice: z.string() }))
      .meta({ description: 'How many videos failed for which reason, most first.' }),
    recentFailures: z.array(failingVideo),
    nextRetries: z.array(failingVideo),
    pauses: z.array(pause),
    egress: z.array(egressAddress),
    warnings: z.array(warning),
  })
  .meta({ id: 'Status' });

export const statusEndpoints: readonly Endpoint[] = [
  endpoint({
    id: 'getStatus',
    ...{ method: 'get', path: '/status', subject: 'Status', role: 'viewer' },
    summary: 'Shows the state of everything: videos, queues, failures, pauses, egress addresses.',
    answer: status,
    handle: async (_input, { readStatus }) => {
      const { warnings, noNetwork, ytDlp, ...others } = await readStatus();
      return { ...others, warnings: statusWarnings({ warnings, noNetwork, ytDlp }) };
    },
  }),
];
