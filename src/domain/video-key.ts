/** Where items come from: `youtube`, or the address of a podcast episode (`http`). */
export const PROVIDERS = ['youtube', 'http'] as const;
export type Provider = (typeof PROVIDERS)[number];

/** Names one item across all playlists, queues and stores. */
export interface VideoKey {
  readonly provider: Provider;
  readonly videoId: string;
}

/**
 * The ids of YouTube are the site's own 11 characters; episodes are known by the SHA-256 of feed and guid, as 64
 * hexadecimal digits.
 */
const VIDEO_IDS: Readonly<Record<Provider, RegExp>> = { youtube: /^[\w-]{11}$/, http: /^[0-9a-f]{64}$/ };

/** Reads a key from outside; undefined when it is not one. */
export function parseVideoKey(provider: unknown, videoId: unknown): VideoKey | undefined {
  const known = PROVIDERS.find((name) => name === provider);
  if (known === undefined || typeof videoId !== 'string' || !VIDEO_IDS[known].test(videoId)) return undefined;
  return { provider: known, videoId };
}

/** `provider.videoId`: the `_id` in MongoDB and a part of every job id. Never contains a colon, never all digits. */
export function videoDocumentId(key: VideoKey): string {
  return `${key.provider}.${key.videoId}`;
}

/** Reads a document id back; undefined when it is not one. */
export function parseVideoDocumentId(id: string): VideoKey | undefined {
  const dot = id.indexOf('.');
  return dot < 0 ? undefined : parseVideoKey(id.slice(0, dot), id.slice(dot + 1));
}
