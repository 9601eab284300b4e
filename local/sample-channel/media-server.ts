import { randomBytes } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { FaultBook } from './fault-book.ts';
import type { VideoFault } from './faults.ts';
import { sendPage } from './http-answers.ts';
import type { SampleMedia } from './media-library.ts';
import type { RequestLog } from './request-log.ts';
import { sendBeginning, sendBytes, sendFile } from './send-media.ts';
import { trickle } from './trickle.ts';

/** What the media server serves from. */
export interface MediaParts {
  readonly faults: FaultBook;
  readonly log: RequestLog;
  readonly mediaOf: (videoId: string) => Promise<SampleMedia | undefined>;
}

const AUDIO = /^\/audio\/([\w-]{11})\.(m4a|webm)$/;
const THUMBNAIL = /^\/vi\/([\w-]{11})\/\w+\.jpg$/;
const TYPES = { m4a: 'audio/mp4', webm: 'audio/webm' } as const;

/** Audio with ranges and the faults that are switched on, and pictures. */
export function mediaListener(parts: MediaParts): RequestListener {
  return (request, response) => {
    serve(parts, request, response).catch(() => {
      // The reader has gone or the file is away: there is nobody left to tell in another way.
      response.destroy();
    });
  };
}

function fail(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-length': 0 });
  response.end();
}

async function serve(parts: MediaParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    fail(response, 405);
    return;
  }
  const [, pictureOf] = THUMBNAIL.exec(url.pathname) ?? [];
  const [, audioOf, container] = AUDIO.exec(url.pathname) ?? [];
  const videoId = pictureOf ?? audioOf;
  const media = videoId === undefined ? undefined : await parts.mediaOf(videoId);
  if (videoId === undefined || media === undefined) {
    parts.log.add({ kind: 'other' });
    fail(response, 404);
    return;
  }
  if (pictureOf !== undefined) {
    parts.log.add({ kind: 'thumbnail', videoId });
    await sendFile(request, response, media.thumbnailFile, undefined, 'image/jpeg');
    return;
  }
  const { range } = request.headers;
  parts.log.add({ kind: 'media', videoId, ...(range === undefined ? {} : { range }) });
  const fault = parts.faults.videoFault(videoId, Number(url.searchParams.get('run') ?? 1));
  const type = container === 'webm' ? TYPES.webm : TYPES.m4a;
  await sendAudio(request, response, media, fault, type);
}

async function sendAudio(
  request: IncomingMessage,
  response: ServerResponse,
  media: SampleMedia,
  fault: VideoFault | undefined,
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
      // Not 416, as a strict server would answer a range: this one says that nothing is all there is.
      response.writeHead(200, { 'content-type': type, 'content-length': 0 });
      response.end();
      return;
    case 'media-corrupt':
      await sendBytes(request, response, randomBytes(media.sizeBytes), type);
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
        trickle(source, fault.bytesPerSecond),
      );
      return;
    case 'media-stall':
    case 'media-cut': {
      const until = fault.kind === 'media-cut' ? half : fault.afterBytes;
      const cut = fault.kind === 'media-cut';
      await sendBeginning(request, response, media, until, cut, type);
      return;
    }
    case 'playability':
    case 'player-status':
    case 'player-stall':
    case 'player-html':
    case 'player-wrong-video':
    case 'no-formats':
    case undefined:
      await sendFile(request, response, media.file, undefined, type);
  }
}
