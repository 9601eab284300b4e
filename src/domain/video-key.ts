/** Where a video comes from: YouTube, the URL of a podcast episode (`http`), or a file of a person (`file`). */
export const PROVIDERS = ['youtube', 'http', 'file'] as const;
export type Provider = (typeof PROVIDERS)[number];

/** Identifies a video across all playlists, queues and stores. */
export interface VideoKey {
  readonly provider: Provider;
  readonly videoId: string;
}

/**
 * For YouTube the 11 characters of the site's own id; for an episode the SHA-256 of feed and guid as 64 hexadecimal
 * digits; for a file the SHA-256 of its content.
 */
const VIDEO_IDS: Readonly<Record<Provider, RegExp>> = {
  youtube: /^[\w-]{11}$/,
  http: /^[0-9a-f]{64}$/,
  file: /^[0-9a-f]{64}$/,
};

/** @returns undefined when provider and id are not a valid key. */
export function parseVideoKey(provider: unknown, videoId: unknown): VideoKey | undefined {
  const known = PROVIDERS.find((name) => name === provider);
  if (known === undefined || typeof videoId !== 'string' || !VIDEO_IDS[known].test(videoId)) return undefined;
  return { provider: known, videoId };
}

/** `provider.videoId`: the `_id` in MongoDB and a part of every job id. It has no colon and is never all digits. */
export function videoDocumentId(key: VideoKey): string {
  return `${key.provider}.${key.videoId}`;
}

/** The reverse of `videoDocumentId`. @returns undefined when the id is not valid. */
export function parseVideoDocumentId(id: string): VideoKey | undefined {
  const dot = id.indexOf('.');
  return dot < 0 ? undefined : parseVideoKey(id.slice(0, dot), id.slice(dot + 1));
}
