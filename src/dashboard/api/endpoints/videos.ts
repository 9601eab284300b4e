import { z } from 'zod';
import { LIST_FORMATS, type ListFormat } from '../../../operations/export-video-list.ts';
import { countVideos, listVideos, UnknownCursorError } from '../../../operations/list-videos.ts';
import { videoQuerySchema } from '../../../operations/video-query.ts';
import { videoDocumentId } from '../../../domain/video-key.ts';
import { STAGES, VIDEO_STATUSES } from '../../../domain/video-status.ts';
import { sendVideoList } from '../../videos/send-video-list.ts';
import { endpoint, fileEndpoint, type Endpoint } from '../endpoint.ts';
import { failure, flag, foreignCursor, moment, pageOf, pageQuery, videoId } from '../fields.ts';
import { describeVideo, readVideo } from '../video-record.ts';

export const videoRow = z
  .object({
    id: z.string().meta({ examples: ['youtube.dQw4w9WgXcQ'] }),
    ...{ title: z.string().nullable(), author: z.string().nullable(), channel: z.string().nullable() },
    url: z.string().meta({ description: 'Without what may be a secret in it.' }),
    status: z.enum(VIDEO_STATUSES),
    reason: z.string().nullable().meta({ description: 'Why it is skipped or failed.' }),
    publishedAt: moment.nullable(),
    durationSeconds: z.number().nullable(),
    sizeBytes: z.number().nullable().meta({ description: 'Of the object in the bucket.' }),
    language: z.string().nullable().meta({ description: 'Of the audio track that was chosen.' }),
    object: z.string().nullable().meta({ description: 'The key of the object in the bucket.' }),
    updatedAt: moment,
  })
  .meta({ id: 'Video' });

const file = z
  .object({
    ...{ bucket: z.string().nullable(), key: z.string().nullable(), sizeBytes: z.number() },
    ...{ md5: z.string().nullable(), sha256: z.string().nullable(), format: z.string() },
    ...{ codec: z.string().nullable(), bitsPerSecond: z.number().nullable() },
    ...{ sampleRateHertz: z.number().nullable(), channels: z.number().nullable() },
    hasPeaks: z.boolean().meta({ description: 'Whether `/peaks` has its waveform.' }),
    storedAt: moment.nullable(),
  })
  .meta({ id: 'AudioFile' });

const copy = z
  .object({
    ...{ container: z.string(), name: z.string(), sizeBytes: z.number(), md5: z.string(), at: moment },
  })
  .meta({ id: 'MirrorCopy', description: 'The copy in Azure.' });

const video = z
  .object({
    ...videoRow.shape,
    description: z.string().nullable().meta({ description: 'As its source has it.' }),
    licence: z.string().nullable(),
    tags: z.array(z.string()),
    thumbnail: z.string().nullable(),
    round: z.number().meta({ description: 'How often it was retried by the retry queue or a person.' }),
    retryAttempts: z.number(),
    nextRetryAt: moment.nullable(),
    error: failure.extend({ stage: z.enum(STAGES), at: moment }).nullable(),
    audio: file.nullable(),
    mirror: copy.nullable(),
    playlists: z.array(z.string()).meta({ description: 'The ids of the playlists that contain it.' }),
    createdAt: moment,
  })
  .meta({ id: 'VideoDetails' });

const attempt = z
  .object({
    at: moment,
    stage: z.enum(STAGES),
    ...{ round: z.number(), attempt: z.number(), status: z.enum(['success', 'failed']) },
    ...{ worker: z.string(), durationMs: z.number() },
    errorClass: z.string().nullable(),
    error: z.string().nullable(),
  })
  .meta({ id: 'Attempt' });

const MAX_ATTEMPTS = 200;

const EXPORTS = {
  csv: { id: 'exportVideosAsCsv', summary: 'Sends the list of videos as CSV.', file: 'text/csv' },
  jsonl: {
    id: 'exportVideosAsJsonLines',
    summary: 'Sends the list of videos as JSON Lines.',
    file: 'application/x-ndjson',
  },
} as const satisfies Record<ListFormat, object>;

export const videoEndpoints: readonly Endpoint[] = [
  endpoint({
    id: 'listVideos',
    ...{ method: 'get', path: '/videos', subject: 'Videos', role: 'viewer' },
    summary: 'Lists videos, with the filters and orders of the page.',
    query: videoQuerySchema
      .extend({
        ...pageQuery,
        count: flag.meta({
          description: 'Also counts them: all of a status or a playlist, else up to 10,000.',
        }),
      })
      .strict(),
    answer: pageOf(videoRow).extend({
      count: z
        .object({
          count: z.number(),
          isExact: z.boolean().meta({ description: 'False: there are more.' }),
          countedAt: moment.nullable().meta({
            description: 'When, where they are too many to be counted for each request; null: now.',
          }),
        })
        .nullable(),
    }),
    handle: async ({ query: { cursor, count, limit, ...query } }, { database }) => {
      const page = { ...query, limit, ...(cursor === undefined ? {} : { after: cursor }) };
      const list = await listVideos(page, database).catch((error: unknown) => {
        throw error instanceof UnknownCursorError ? foreignCursor() : error;
      });
      const counted = count ? await countVideos(query, list, database) : null;
      return { items: [...list.videos], next: list.next, count: counted };
    },
  }),
  ...LIST_FORMATS.map((format) =>
    fileEndpoint({
      ...EXPORTS[format],
      ...{ method: 'get', path: `/videos/export.${format}`, subject: 'Videos', role: 'viewer' },
      query: videoQuerySchema.strict(),
      send: async ({ query }, { database }, request, response) => {
        await sendVideoList({ query, format }, database, request, response);
        return true;
      },
    }),
  ),
  endpoint({
    id: 'getVideo',
    ...{ method: 'get', path: '/videos/{id}', subject: 'Videos', role: 'viewer' },
    summary: 'Shows a video: what it is, where its file is, why it failed.',
    params: z.object({ id: videoId }),
    answer: video,
    handle: async ({ params: { id } }, { database }) => {
      const found = await readVideo(id, database);
      return found && describeVideo(found);
    },
  }),
  endpoint({
    id: 'listAttempts',
    ...{ method: 'get', path: '/videos/{id}/attempts', subject: 'Videos', role: 'viewer' },
    summary: 'Lists the attempts at a video, newest first.',
    params: z.object({ id: videoId }),
    query: z.strictObject({
      limit: z.coerce.number<string>().int().min(1).max(MAX_ATTEMPTS).default(50),
    }),
    answer: z.object({ items: z.array(attempt) }),
    handle: async ({ params: { id }, query: { limit } }, { database }) => {
      if ((await database.videos.find(id)) === undefined) return undefined;
      const rows = await database.attempts.ofVideo(videoDocumentId(id), limit);
      return {
        items: rows.map((row) => ({
          ...{ at: row.timestamp, stage: row.stage, round: row.round, attempt: row.attempt },
          ...{ status: row.status, worker: row.worker, durationMs: row.duration_ms },
          ...{ errorClass: row.error_class ?? null, error: row.error ?? null },
        })),
      };
    },
  }),
];
