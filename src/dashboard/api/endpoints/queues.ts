import { z } from 'zod';
import { QUEUE_NAMES } from '../../../domain/queues.ts';
import { endRest } from '../../../operations/end-rest.ts';
import { pauseQueues, resumeQueues, WORK_QUEUES } from '../../../operations/pause-queues.ts';
import { skipItem } from '../../../operations/skip-item.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { Problem } from '../problem.ts';
import { egressAddress, queue } from './status.ts';

const params = z.object({
  name: z.enum(QUEUE_NAMES).meta({ description: 'A queue.', examples: ['download'] }),
});
const paused = z.object({
  queue: z.enum(QUEUE_NAMES),
  outcome: z.enum(['paused', 'already_paused']),
});
const resumed = z.object({ queue: z.enum(QUEUE_NAMES), outcome: z.enum(['resumed', 'not_paused']) });

export const queueEndpoints: readonly Endpoint[] = [
  endpoint({
    id: 'listQueues',
    ...{ method: 'get', path: '/queues', subject: 'Queues', role: 'viewer' },
    summary: 'Lists the queues with their jobs.',
    answer: z.object({
      items: z.array(queue.extend({ name: z.enum(QUEUE_NAMES), isPaused: z.boolean() })),
    }),
    handle: async (_input, { readStatus, queues }) => {
      const { queues: states } = await readStatus();
      return {
        items: await Promise.all(
          QUEUE_NAMES.map(async (name) => ({ name, ...states[name], isPaused: await queues.isPaused(name) })),
        ),
      };
    },
  }),
  endpoint({
    id: 'pauseQueue',
    ...{ method: 'post', path: '/queues/{name}/pause', subject: 'Queues', role: 'operator' },
    summary: 'Pauses a queue for all workers, until it is resumed. Jobs under way end.',
    params,
    answer: paused,
    handle: async ({ params: { name }, actor }, services) => (await pauseQueues([name], actor, services))[0],
  }),
  endpoint({
    id: 'resumeQueue',
    ...{ method: 'post', path: '/queues/{name}/resume', subject: 'Queues', role: 'operator' },
    summary: 'Lets workers take jobs of a queue again, whoever paused it.',
    params,
    answer: resumed,
    handle: async ({ params: { name }, actor }, services) => (await resumeQueues([name], actor, services))[0],
  }),
  endpoint({
    id: 'pauseAllQueues',
    ...{ method: 'post', path: '/queues/pause', subject: 'Queues', role: 'operator' },
    summary: 'Pauses all work. Repairs, alerts and snapshots go on.',
    answer: z.object({ items: z.array(paused) }),
    handle: async ({ actor }, services) => ({ items: await pauseQueues(WORK_QUEUES, actor, services) }),
  }),
  endpoint({
    id: 'resumeAllQueues',
    ...{ method: 'post', path: '/queues/resume', subject: 'Queues', role: 'operator' },
    summary: 'Resumes all queues.',
    answer: z.object({ items: z.array(resumed) }),
    handle: async ({ actor }, services) => ({ items: await resumeQueues(QUEUE_NAMES, actor, services) }),
  }),
  endpoint({
    id: 'listEgress',
    ...{ method: 'get', path: '/egress', subject: 'Egress', role: 'viewer' },
    summary: 'Lists the egress addresses that were used within the last week.',
    answer: z.object({ items: z.array(egressAddress) }),
    handle: async (_input, { readStatus }) => ({ items: (await readStatus()).egress }),
  }),
  endpoint({
    id: 'endRest',
    ...{ method: 'post', path: '/egress/{name}/end-rest', subject: 'Egress', role: 'operator' },
    summary: 'Ends the rest of an egress address now: the next start through it is a probe.',
    problems: ['conflict'],
    params: z.object({
      name: z
        .string()
        .max(200)
        .meta({ description: 'The name of an egress address.', examples: ['direct'] }),
    }),
    answer: z.object({ identity: z.string(), outcome: z.literal('ended') }),
    handle: async ({ params: { name }, actor }, services) => {
      const { egress } = await services.readStatus();
      if (!egress.some(({ identity }) => identity === name)) return undefined;
      if (!(await endRest(name, actor, services)))
        throw new Problem('conflict', { detail: 'It does not rest.' });
      return { identity: name, outcome: 'ended' as const };
    },
  }),
  endpoint({
    id: 'skipItem',
    ...{ method: 'post', path: '/items/{item}/skip', subject: 'Egress', role: 'operator' },
    summary: 'Takes what caused a rest or a pause off its way: a video is skipped, a playlist paused.',
    params: z.object({
      item: z
        .string()
        .max(300)
        .meta({ description: '`item` of a rest or a pause.', examples: ['youtube.dQw4w9WgXcQ'] }),
    }),
    answer: z.object({
      item: z.string(),
      outcome: z
        .enum(['skipped', 'paused', 'archived', 'deleted', 'forgotten'])
        .meta({ description: '`archived`, `deleted`, `forgotten`: there was nothing left to skip.' }),
    }),
    handle: async ({ params: { item }, actor }, services) => {
      const outcome = await skipItem(item, actor, services);
      if (outcome === 'error') throw new Problem('unavailable');
      return outcome === 'unknown' ? undefined : { item, outcome };
    },
  }),
];
