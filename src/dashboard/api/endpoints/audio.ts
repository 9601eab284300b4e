import { z } from 'zod';
import { isArchived } from '../../../database/video-search.ts';
import { DEFAULT_NAMES, exportName } from '../../../operations/export-names.ts';
import { sendObject } from '../../videos/send-audio.ts';
import { sendPeaks } from '../../videos/send-peaks.ts';
import { fileEndpoint, type Endpoint } from '../endpoint.ts';
import { flag, videoId } from '../fields.ts';

const STAT_DEADLINE_MS = 30_000;
const params = z.object({ id: videoId });

export const audioEndpoints: readonly Endpoint[] = [
  fileEndpoint({
    id: 'getAudio',
    ...{ method: 'get', path: '/videos/{id}/audio', subject: 'Videos', role: 'viewer' },
    summary: 'Sends the audio of a video, whole or a range of it (`Range`, `If-Range`).',
    params,
    query: z.strictObject({ download: flag.meta({ description: 'With a name for the file.' }) }),
    file: 'audio/*',
    send: async ({ params: { id }, query: { download } }, { database, store }, request, response) => {
      const video = await database.videos.find(id);
      if (video === undefined || !isArchived(video)) return false;
      const object = await store.stat(video.audio.key, AbortSignal.timeout(STAT_DEADLINE_MS));
      if (object === undefined) return false;
      if (download) response.attachment(`${exportName(video, DEFAULT_NAMES)}.${video.audio.format}`);
      await sendObject(object, store, request, response);
      return true;
    },
  }),
  fileEndpoint({
    id: 'getPeaks',
    ...{ method: 'get', path: '/videos/{id}/peaks', subject: 'Videos', role: 'viewer' },
    summary: 'Sends the peaks of the audio of a video, for a waveform, in the JSON of audiowaveform.',
    params,
    file: 'application/json',
    send: ({ params: { id } }, services, _request, response) => sendPeaks(id, services, response),
  }),
];
