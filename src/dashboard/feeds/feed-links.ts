import type { Request } from 'express';

/** The addresses of feeds and of what they contain: below `/feeds` with a login, below `/f/<secret>` without one. */
export interface FeedLinks {
  feed(playlistId: string, archive?: number): string;
  audio(videoDocumentId: string, format: string): string;
  cover(playlistId: string): string;
}

export function feedLinks(base: string): FeedLinks {
  return {
    feed: (playlistId, archive) =>
      `${base}/${encodeURIComponent(playlistId)}.xml${archive === undefined ? '' : `?archive=${String(archive)}`}`,
    // Some players want to see the format in the address.
    audio: (videoDocumentId, format) => `${base}/audio/${encodeURIComponent(videoDocumentId)}.${format}`,
    cover: (playlistId) => `${base}/cover/${encodeURIComponent(playlistId)}.jpg`,
  };
}

/**
 * The address of this server as others write it, without a slash at the end: the configured one; else that of the request,
 * where only trusted proxies may say another host or scheme than that of the connection (Express, `trust proxy`).
 */
export function publicBase(request: Request, publicUrl: string | undefined): string {
  if (publicUrl !== undefined) return publicUrl;
  const host = request.host;
  // A host as a URL has it: what else a client writes there is not repeated.
  const isHost = /^(?:[\w.-]{1,253}|\[[\da-fA-F:.]{2,45}\])(?::\d{1,5})?$/.test(host);
  return `${request.protocol}://${isHost ? host : 'localhost'}`;
}
