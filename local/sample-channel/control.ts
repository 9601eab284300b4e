import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Catalogue } from './catalogue.ts';
import {
  playlistDefinitionSchema,
  playlistIdSchema,
  videoDefinitionSchema,
  videoIdSchema,
} from './definitions.ts';
import type { FaultBook } from './fault-book.ts';
import { playlistFaultSchema, videoFaultSchema } from './faults.ts';
import { readJson, sendJson } from './http-answers.ts';
import type { RequestLog } from './request-log.ts';

/** What a POST to the control address may ask for. */
const controlActionSchema = z.discriminatedUnion('action', [
  /** Faults back to those of the start, run counters to zero; videos and playlists stay. */
  z.object({ action: z.literal('reset') }),
  z.object({ action: z.literal('clear-log') }),
  /** `fault: null` switches off, also a fixed fault. */
  z.object({ action: z.literal('video-fault'), videoId: videoIdSchema, fault: videoFaultSchema.nullable() }),
  z.object({
    action: z.literal('playlist-fault'),
    playlistId: playlistIdSchema,
    fault: playlistFaultSchema.nullable(),
  }),
  /** The next runs of this video fail with HTTP 503 on the media. */
  z.object({
    action: z.literal('failures-before-success'),
    videoId: videoIdSchema,
    failures: z.int().min(0),
  }),
  z.object({ action: z.literal('add-video'), video: videoDefinitionSchema }),
  z.object({ action: z.literal('add-playlist'), playlist: playlistDefinitionSchema }),
]);
export type ControlAction = z.input<typeof controlActionSchema>;

/** What the control endpoint works on. */
export interface ControlParts {
  readonly catalogue: Catalogue;
  readonly faults: FaultBook;
  readonly log: RequestLog;
}

function act({ catalogue, faults, log }: ControlParts, action: z.output<typeof controlActionSchema>): void {
  switch (action.action) {
    case 'reset':
      faults.reset();
      return;
    case 'clear-log':
      log.clear();
      return;
    case 'video-fault':
      faults.setVideoFault(action.videoId, action.fault);
      return;
    case 'playlist-fault':
      faults.setPlaylistFault(action.playlistId, action.fault);
      return;
    case 'failures-before-success':
      faults.setVideoFault(action.videoId, { kind: 'media-status', status: 503, times: action.failures });
      return;
    case 'add-video':
      catalogue.addVideo(action.video);
      return;
    case 'add-playlist':
      catalogue.addPlaylist(action.playlist);
  }
}

/**
 * GET: `{ counts, requests }` of the log. POST: one action; 204 when it was done, 400 with a reason when it was
 * not understood.
 */
export async function control(
  parts: ControlParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'POST') {
    sendJson(response, { counts: parts.log.counts(), requests: parts.log.all() });
    return;
  }
  try {
    act(parts, controlActionSchema.parse(await readJson(request)));
    response.writeHead(204);
    response.end();
  } catch (error) {
    sendJson(response, { error: error instanceof Error ? error.message : String(error) }, 400);
  }
}
