import { z } from 'zod';
import { AUDIT_VIAS } from '../../../database/collections/audit.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { cursorOf, moment, pageOf, pageQuery } from '../fields.ts';

const row = z
  .object({
    at: moment,
    user: z.string().nullable().meta({ description: 'A login; of a token, its name and who made it.' }),
    via: z.enum(AUDIT_VIAS),
    operation: z.string(),
    targets: z.number().meta({ description: 'How many things it was done to.' }),
  })
  .meta({ id: 'AuditRow' });

const cursor = cursorOf('audit', z.tuple([z.int(), z.string().max(100)]));

export const auditEndpoints: readonly Endpoint[] = [
  endpoint({
    id: 'listAudit',
    ...{ method: 'get', path: '/audit', subject: 'Audit', role: 'viewer' },
    summary: 'Lists what people and programs did to one thing, newest first.',
    query: z.strictObject({
      target: z
        .string()
        .min(1)
        .max(200)
        .meta({
          description: 'The id of a video, a playlist or a source; the name of an egress address or a token.',
          examples: ['youtube.dQw4w9WgXcQ'],
        }),
      ...pageQuery,
    }),
    answer: pageOf(row),
    handle: async ({ query: { target, limit, cursor: given } }, { database }) => {
      const place = cursor.read(given);
      const after = place && { at: new Date(place[0]), id: place[1] };
      const found = await database.audit.ofTarget(target, limit + 1, after);
      const page = found.slice(0, limit);
      const last = found.length > limit ? page.at(-1) : undefined;
      return {
        items: page.map(({ at, user, via, operation, targets }) => ({
          ...{ at, user: user ?? null, via, operation, targets: targets.length },
        })),
        next: last === undefined ? null : cursor.write([last.at.getTime(), last._id]),
      };
    },
  }),
];
