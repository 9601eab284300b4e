import { z } from 'zod';
import { VIDEO_STATUSES } from '../../../domain/video-status.ts';
import {
  changeMatchingVideos,
  countMatching,
  undoSkipOperation,
} from '../../../operations/change-matching-videos.ts';
import { showOperation } from '../../../operations/show-operation.ts';
import { VIDEO_ACTION_NAMES, VIDEO_ACTIONS } from '../../../operations/video-actions.ts';
import { FILTER_NAMES, isFiltered, videoQuerySchema } from '../../../operations/video-query.ts';
import { stateOf } from '../../videos/operation-routes.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { moment } from '../fields.ts';
import { Problem } from '../problem.ts';
import { requireMirror } from './video-actions.ts';

const [firstFilter, ...otherFilters] = FILTER_NAMES;
const filters = videoQuerySchema
  .pick(
    Object.fromEntries([firstFilter, ...otherFilters].map((name) => [name, true])) as Record<
      (typeof FILTER_NAMES)[number],
      true
    >,
  )
  .strict();
const action = z.enum(VIDEO_ACTION_NAMES);

const begun = z
  .object({
    operation: z
      .string()
      .meta({ description: 'The id under which `GET /operations/{id}` tells its progress.' }),
    isOver: z.boolean(),
  })
  .meta({ id: 'BegunOperation' });

const params = z.object({
  id: z
    .string()
    .max(100)
    .meta({ description: 'The id of an operation.', examples: ['6f1c2f0a-5d6e-4c55-9f0b-0d6b7a1c2e3f'] }),
});
const BUSY = 'Other operations on many videos are running. Wait for one of them to end.';

export const operationEndpoints: readonly Endpoint[] = [
  endpoint({
    id: 'countMatchingVideos',
    ...{ method: 'get', path: '/videos/matching', subject: 'Videos', role: 'viewer' },
    summary: 'Counts the videos of a filter by status, and those that an action would change.',
    query: filters.extend({ action }).strict(),
    answer: z.object({
      affected: z.number(),
      byStatus: z.partialRecord(z.enum(VIDEO_STATUSES), z.number()),
    }),
    handle: async ({ query: { action: name, ...query } }, { database }) => {
      const { affected, byStatus } = await countMatching(name, query, database);
      return { affected, byStatus: Object.fromEntries(byStatus) };
    },
  }),
  endpoint({
    id: 'changeMatchingVideos',
    ...{ method: 'post', path: '/videos/matching', subject: 'Videos', role: 'operator' },
    summary: 'Does something with all videos of a filter, in the background.',
    status: 202,
    problems: ['conflict'],
    body: z.strictObject({
      action,
      filter: filters.refine(isFiltered, 'needs a filter: name at least one').meta({
        examples: [{ status: 'failed', class: 'timeout' }],
      }),
      confirmed: z
        .int()
        .min(0)
        .meta({ description: 'How many you expect; no more are changed.', examples: [1] }),
    }),
    answer: begun,
    handle: async ({ body: { action: name, filter, confirmed }, actor }, services) => {
      requireMirror(VIDEO_ACTIONS[name].needsMirror ?? false, services);
      const { database, queues, runs } = services;
      const run = await runs.start((operationId, signal) =>
        changeMatchingVideos(
          { action: name, query: filter, confirmed },
          { ...actor, operationId },
          {
            ...{ database, queues, signal },
          },
        ),
      );
      if (run === undefined) throw new Problem('conflict', { detail: BUSY });
      return { operation: run.operationId, isOver: run.isOver };
    },
  }),
  endpoint({
    id: 'getOperation',
    ...{ method: 'get', path: '/operations/{id}', subject: 'Videos', role: 'viewer' },
    summary: 'Shows what has come of an operation on videos so far.',
    params,
    answer: z.object({
      ...{ id: z.string(), operation: z.string(), user: z.string().nullable(), at: moment },
      state: z
        .enum(['running', 'finished', 'interrupted', 'failed'])
        .meta({ description: '`interrupted`: doing it again does the rest.' }),
      outcomes: z.record(z.string(), z.number()).meta({ description: 'How many videos had which outcome.' }),
      done: z.number().nullable(),
      total: z.number().nullable(),
      error: z.string().nullable(),
      canBeUndone: z.boolean(),
    }),
    handle: async ({ params: { id } }, { database, runs }) => {
      const found = await showOperation(id, database);
      if (found === undefined) return undefined;
      const { progress, outcomes, operation, user, at, canBeUndone } = found;
      return {
        ...{ id, operation, user, at, canBeUndone, state: stateOf(found, runs) },
        outcomes: Object.fromEntries(outcomes),
        ...{ done: progress?.done ?? null, total: progress?.total ?? null, error: progress?.error ?? null },
      };
    },
  }),
  endpoint({
    id: 'undoSkip',
    ...{ method: 'post', path: '/operations/{id}/undo', subject: 'Videos', role: 'operator' },
    summary: 'Takes back a skip, in the background; videos that somebody changed since stay.',
    status: 202,
    problems: ['conflict'],
    params,
    answer: begun,
    handle: async ({ params: { id }, actor }, { database, queues, runs }) => {
      const found = await showOperation(id, database);
      if (found === undefined) return undefined;
      if (!found.canBeUndone)
        throw new Problem('conflict', { detail: 'It is no skip that can be taken back.' });
      const run = await runs.start((operationId, signal) =>
        undoSkipOperation(id, { ...actor, operationId }, { database, queues, signal }),
      );
      if (run === undefined) throw new Problem('conflict', { detail: BUSY });
      return { operation: run.operationId, isOver: run.isOver };
    },
  }),
];
