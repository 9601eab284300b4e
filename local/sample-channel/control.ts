import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Catalogue } from './catalogue.ts';
import {
  playlistDefinitionSchema,
  playlistIdSchema,
  videoDefinitionSchema,
  videoIdSchema,
} from './definitions.ts';
import type { FaultRegistry } from './fault-registry.ts';
import { playlistFaultSchema, videoFaultSchema } from './faults.ts';
import { readJson, sendJson } from './http-responses.ts';
import type { RequestLog } from './request-log.ts';

/** The body of a POST to the control URL. */
const controlActionSchema = z.discriminatedUnion('action', [
  /** Restores the initial faults and resets the counters; videos and playlists stay. */
  z.object({ action: z.literal('reset') }),
  z.object({ action: z.literal('clear-log') }),
  /** `fault: null` switches the fault off, also a fixed one. */
  z.object({ action: z.literal('video-fault'), videoId: videoIdSchema, fault: videoFaultSchema.nullable() }),
  z.object({
    action: z.literal('playlist-fault'),
    playlistId: playlistIdSchema,
    fault: playlistFaultSchema.nullable(),
  }),
  /** The media requests of the next runs of this video fail with HTTP 503. */
  z.object({
    action: z.literal('failures-before-success'),
    videoId: videoIdSchema,
    failures: z.int().min(0),
  }),
  /** The channel broadcasts this video from now on; null: nothing. */
  z.object({ action: z.literal('broadcast'), videoId: videoIdSchema.nullable() }),
  z.object({ action: z.literal('add-video'), video: videoDefinitionSchema }),
  z.object({ action: z.literal('add-playlist'), playlist: playlistDefinitionSchema }),
]);
export type ControlAction = z.input<typeof controlActionSchema>;

export interface ControlDependencies {
  readonly catalogue: Catalogue;
  readonly faults: FaultRegistry;
  readonly log: RequestLog;
}

function execute(
  { catalogue, faults, log }: ControlDependencies,
  action: z.output<typeof controlActionSchema>,
): void {
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
    case 'broadcast':
      catalogue.broadcast = action.videoId;
      return;
    case 'add-video':
      catalogue.addVideo(action.video);
      return;
    case 'add-playlist':
      catalogue.addPlaylist(action.playlist);
  }
}

/**
 * GET: `{ counts, requests }` of the log. POST: one action; 204 when it was executed, 400 with a reason when it is
 * invalid.
 */
export async function control(
  dependencies: ControlDependencies,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'POST') {
    sendJson(response, { counts: dependencies.log.counts(), requests: dependencies.log.all() });
    return;
  }
  try {
    execute(dependencies, controlActionSchema.parse(await readJson(request)));
    response.writeHead(204);
    response.end();
  } catch (error) {
    sendJson(response, { error: error instanceof Error ? error.message : String(error) }, 400);
  }
}
