import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { FaultRegistry } from './fault-registry.ts';
import { isMediaFault, type MediaFault } from './faults.ts';
import { sendPage } from './http-responses.ts';
import type { SampleMedia } from './media-library.ts';
import type { RequestLog } from './request-log.ts';
import { corrupted, sendBeginning, sendFile, throttled } from './send-media.ts';

export interface MediaDependencies {
  readonly faults: FaultRegistry;
  readonly log: RequestLog;
  readonly mediaOf: (videoId: string) => Promise<SampleMedia | undefined>;
}

const AUDIO = /^\/audio\/([\w-]{11})\.(m4a|webm)$/;
const THUMBNAIL = /^\/vi\/([\w-]{11})\/\w+\.jpg$/;
const TYPES = { m4a: 'audio/mp4', webm: 'audio/webm' } as const;

/** Serves audio with ranges and the active faults, and pictures. */
export function mediaListener(dependencies: MediaDependencies): RequestListener {
  return (request, response) => {
    serve(dependencies, request, response).catch(() => {
      // The client has disconnected or the file is gone; part of the response may be sent already.
      response.destroy();
    });
  };
}

function fail(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-length': 0 });
  response.end();
}

async function serve(
  dependencies: MediaDependencies,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    fail(response, 405);
    return;
  }
  const [, pictureOf] = THUMBNAIL.exec(url.pathname) ?? [];
  const [, audioOf, container] = AUDIO.exec(url.pathname) ?? [];
  const videoId = pictureOf ?? audioOf;
  const media = videoId === undefined ? undefined : await dependencies.mediaOf(videoId);
  if (videoId === undefined || media === undefined) {
    dependencies.log.add({ kind: 'other' });
    fail(response, 404);
    return;
  }
  if (pictureOf !== undefined) {
    dependencies.log.add({ kind: 'thumbnail', videoId });
    await sendFile(request, response, media.thumbnailFile, undefined, 'image/jpeg');
    return;
  }
  const { range } = request.headers;
  dependencies.log.add({ kind: 'media', videoId, range });
  const fault = dependencies.faults.videoFault(videoId, Number(url.searchParams.get('run') ?? 1));
  const type = container === 'webm' ? TYPES.webm : TYPES.m4a;
  await sendAudio(request, response, media, isMediaFault(fault) ? fault : undefined, type);
}

async function sendAudio(
  request: IncomingMessage,
  response: ServerResponse,
  media: SampleMedia,
  fault: MediaFault | undefined,
  type: string,
): Promise<void> {
  const half = Math.floor(media.sizeBytes / 2);
  switch (fault?.kind) {
    case 'media-status':
      fail(response, fault.status);
      return;
    case 'media-html':
      sendPage(response);
      return;
    case 'media-empty':
      // Not 416, as a strict server would answer a range: this is an empty file that was sent successfully.
      response.writeHead(200, { 'content-type': type, 'content-length': 0 });
      response.end();
      return;
    case 'media-corrupt':
      await sendFile(request, response, media.file, undefined, type, corrupted);
      return;
    case 'media-short':
      await sendFile(request, response, media.file, half, type);
      return;
    case 'media-no-range':
      delete request.headers.range;
      await sendFile(request, response, media.file, undefined, type);
      return;
    case 'media-slow':
      await sendFile(request, response, media.file, undefined, type, (source) =>
        throttled(source, fault.bytesPerSecond),
      );
      return;
    case 'media-stall':
      await sendBeginning(request, response, media, fault.afterBytes, false, type);
      return;
    case 'media-cut':
      await sendBeginning(request, response, media, half, true, type);
      return;
    case undefined:
      await sendFile(request, response, media.file, undefined, type);
  }
}
