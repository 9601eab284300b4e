import { z } from 'zod';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { moment } from '../fields.ts';

const count = z.number();
const limit = z.number().nullable();

const rate = z
  .object({
    seconds: z.number().meta({ description: 'How long the time is that this is about.' }),
    ...{ videos: count, failed: count, videosPerHour: z.number(), bytesPerHour: z.number() },
    realTimeFactor: z.number().meta({ description: 'Hours of audio for an hour of time.' }),
    secondsLeft: limit.meta({ description: 'Until what waits is stored; null: nobody knows.' }),
  })
  .meta({ id: 'Rate' });

const overview = z
  .object({
    at: moment,
    waiting: count.meta({ description: 'Videos on their way to the bucket.' }),
    ...{ lastHour: rate, lastDay: rate },
    steps: z
      .array(z.object({ at: moment, videos: count, audioSeconds: z.number(), bytes: count, failed: count }))
      .meta({ description: 'What was stored and what failed within the last day, in steps of ten minutes.' }),
    staging: z
      .object({
        files: count,
        bytes: count,
        freeBytes: count
          .nullable()
          .meta({ description: 'Of the disk of STAGING_DIR; null with STAGING=s3.' }),
        maxFiles: limit,
        maxBytes: limit,
        minFreeBytes: limit,
      })
      .nullable()
      .meta({ description: 'Null where the dashboard cannot read staging.' }),
    mirror: z
      .object({
        waiting: count,
        oldestStoredAt: moment.nullable().meta({ description: 'Of what waits for the mirror.' }),
        lastComparison: z
          .object({ at: moment, objects: count, drift: count, extra: count, isComplete: z.boolean() })
          .nullable(),
      })
      .nullable()
      .meta({ description: 'Null without Azure.' }),
  })
  .meta({ id: 'Overview' });

export const overviewEndpoints: readonly Endpoint[] = [
  endpoint({
    id: 'getOverview',
    ...{ method: 'get', path: '/overview', subject: 'Status', role: 'viewer' },
    summary: 'Shows how fast the archive grows, how full staging is, and what the mirror lacks.',
    answer: overview,
    handle: async (_input, { readOverview }) => {
      const { status, waiting, steps, lastHour, lastDay, staging, mirror } = await readOverview();
      return { at: status.at, waiting, steps: [...steps], lastHour, lastDay, staging, mirror };
    },
  }),
];
