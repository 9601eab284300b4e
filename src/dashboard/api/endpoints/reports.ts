import { z } from 'zod';
import { endpoint, fileEndpoint, type Endpoint } from '../endpoint.ts';
import { moment } from '../fields.ts';

/** More than the program keeps. */
const MAX_REPORTS = 500;
const MAX_SNAPSHOTS = 500;

const report = z
  .object({
    name: z.string(),
    madeAt: moment,
    from: moment,
    to: moment.meta({ description: 'Exclusive.' }),
    documents: z.number(),
    added: z.number(),
    problems: z.number(),
  })
  .meta({ id: 'Report' });

const snapshot = z
  .object({
    name: z.string(),
    status: z.enum(['running', 'stored', 'failed', 'pruned']),
    startedAt: moment,
    finishedAt: moment.nullable(),
    key: z.string().meta({ description: 'Of the object in the bucket.' }),
    sizeBytes: z.number().nullable(),
    sha256: z.string().nullable(),
    verifiedAt: moment.nullable(),
    verification: z.string().nullable(),
    error: z.string().nullable(),
  })
  .meta({ id: 'Snapshot' });

export const reportEndpoints: readonly Endpoint[] = [
  endpoint({
    id: 'listReports',
    ...{ method: 'get', path: '/reports', subject: 'Reports', role: 'viewer' },
    summary: 'Lists the reports on the collection, newest first.',
    answer: z.object({ items: z.array(report) }),
    handle: async (_input, { database }) => ({
      items: (await database.reports.latest(MAX_REPORTS)).map((found) => ({
        ...{ name: found._id, madeAt: found.made_at, from: found.from, to: found.to },
        ...{ documents: found.documents, added: found.inserted, problems: found.problems },
      })),
    }),
  }),
  fileEndpoint({
    id: 'getReport',
    ...{ method: 'get', path: '/reports/{name}', subject: 'Reports', role: 'viewer' },
    summary: 'Sends a report as the page that it is.',
    params: z.object({
      name: z
        .string()
        .max(100)
        .meta({ description: 'Its name.', examples: ['sonotheque_report_v20260131_060000'] }),
    }),
    file: 'text/html',
    send: async ({ params: { name } }, { database }, _request, response) => {
      const found = await database.reports.findById(name);
      if (found !== undefined) response.type('html').send(found.html);
      return found !== undefined;
    },
  }),
  endpoint({
    id: 'listSnapshots',
    ...{ method: 'get', path: '/snapshots', subject: 'Snapshots', role: 'viewer' },
    summary: 'Lists the snapshots of the database, newest first.',
    answer: z.object({ items: z.array(snapshot) }),
    handle: async (_input, { database }) => ({
      items: (await database.snapshots.recent(MAX_SNAPSHOTS)).map((found) => ({
        ...{ name: found._id, status: found.status, key: found.key },
        ...{ startedAt: found.started_at, finishedAt: found.finished_at ?? null },
        ...{ sizeBytes: found.size ?? null, sha256: found.sha256 ?? null },
        ...{ verifiedAt: found.verified_at ?? null, verification: found.verification ?? null },
        error: found.error ?? null,
      })),
    }),
  }),
];
