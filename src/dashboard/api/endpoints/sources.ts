import { z } from 'zod';
import { RUN_STATUSES } from '../../../database/collections/run.ts';
import { runSource } from '../../../operations/run-source.ts';
import { HEALTH_STATES } from '../../../reports/collection/health.ts';
import { UserError } from '../../../runtime/user-error.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { failure, moment } from '../fields.ts';
import { Problem } from '../problem.ts';

const source = z
  .object({
    ...{ id: z.string(), kind: z.string(), label: z.string() },
    state: z.enum(HEALTH_STATES),
    reason: z.string().nullable().meta({ description: 'Why it is not `ok`.' }),
    documents: z.number(),
    lastRunAt: moment.nullable(),
    lastRunStatus: z.enum(RUN_STATUSES).nullable(),
    ...{ lastSuccessAt: moment.nullable(), lastNewItemAt: moment.nullable(), nextRunAt: moment.nullable() },
    ...{ warnAfterHours: z.number(), errorAfterHours: z.number(), consecutiveFailures: z.number() },
  })
  .meta({ id: 'Source' });

const run = z
  .object({
    id: z.string(),
    sourceId: z.string(),
    trigger: z.enum(['schedule', 'manual', 'catch_up']),
    status: z.enum(RUN_STATUSES),
    ...{ startedAt: moment, finishedAt: moment.nullable(), nextRetryAt: moment.nullable() },
    counts: z.object({
      ...{ seen: z.number(), new: z.number(), updated: z.number(), duplicate: z.number() },
      ...{ rejected: z.number(), media: z.number() },
    }),
    note: z.string().nullable(),
    error: failure.nullable(),
  })
  .meta({ id: 'Run' });

const sourceId = z
  .string()
  .max(100)
  .meta({ description: 'The id of a source.', examples: ['news'] });
const MAX_RUNS = 200;
/** What is wrong with it names paths of this machine. */
const NO_SOURCES = 'The dashboard cannot read its sources file. `npm run collect -- --list` says why.';

export const sourceEndpoints: readonly Endpoint[] = [
  endpoint({
    id: 'listSources',
    ...{ method: 'get', path: '/sources', subject: 'Sources', role: 'viewer' },
    summary: 'Lists the sources of documents with their health, the worst first.',
    answer: z.object({
      at: moment,
      healthy: z
        .boolean()
        .meta({ description: 'False when a source is failing, stale or was never collected.' }),
      documents: z.number().meta({ description: 'Of all sources.' }),
      countedAt: moment.nullable().meta({
        description:
          'When the documents were counted, where they are too many to be counted for each request; null: now.',
      }),
      items: z.array(source),
    }),
    handle: async (_input, { readHealth }) => {
      const { at, healthy, documents, countedAt, sources } = await readHealth();
      return { at, healthy, documents, countedAt, items: sources };
    },
  }),
  endpoint({
    id: 'listRuns',
    ...{ method: 'get', path: '/sources/{id}/runs', subject: 'Sources', role: 'viewer' },
    summary: 'Lists the latest runs of a source, newest first.',
    params: z.object({ id: sourceId }),
    query: z.strictObject({
      limit: z.coerce.number<string>().int().min(1).max(MAX_RUNS).default(50),
    }),
    answer: z.object({ items: z.array(run) }),
    handle: async ({ params: { id }, query: { limit } }, { database }) => {
      if ((await database.sources.findById(id)) === undefined) return undefined;
      const runs = await database.runOverview.list(id, new Date(0), new Date(Date.now() + 60_000), limit);
      return {
        items: runs.map((found) => ({
          ...{ id: found._id, sourceId: found.source_id, trigger: found.trigger, status: found.status },
          ...{ startedAt: found.started_at, finishedAt: found.finished_at ?? null },
          ...{ nextRetryAt: found.next_retry_at ?? null, counts: found.counts, note: found.note ?? null },
          error: found.error ?? null,
        })),
      };
    },
  }),
  endpoint({
    id: 'runSource',
    ...{ method: 'post', path: '/sources/{id}/run', subject: 'Sources', role: 'operator' },
    summary: 'Collects a source now, beside its schedule.',
    problems: ['conflict'],
    params: z.object({ id: sourceId }),
    answer: z.object({
      outcome: z
        .enum(['added', 'running'])
        .meta({ description: '`running`: a run is under way, or did not wait any longer for its retry.' }),
      run: z.string().nullable().meta({ description: 'The id of the run.' }),
    }),
    handle: async ({ params: { id }, actor }, { loadSources, database, queues }) => {
      const sources = await loadSources().catch((error: unknown) => {
        throw error instanceof UserError ? new Problem('conflict', { detail: NO_SOURCES }) : error;
      });
      const done = await runSource(id, actor, sources, { database, queues });
      if (done.outcome === 'unknown') return undefined;
      if (done.outcome === 'disabled')
        throw new Problem('conflict', { detail: `It cannot be collected: ${done.reason}.` });
      return { outcome: done.outcome, run: done.runId ?? null };
    },
  }),
];
