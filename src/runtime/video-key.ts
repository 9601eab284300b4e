import { z } from 'zod';

/**
 * The sources an item can come from. `youtube` ids are the site's own 11 characters; `http` items (podcast
 * episodes) are known by the SHA-256 of feed and guid, as 64 hexadecimal digits.
 */
const videoKeySchema = z.discriminatedUnion('provider', [
  z.object({ provider: z.literal('youtube'), videoId: z.string().regex(/^[\w-]{11}$/) }),
  z.object({ provider: z.literal('http'), videoId: z.string().regex(/^[0-9a-f]{64}$/) }),
]);

/** Names one item across all playlists, queues and stores. */
export interface VideoKey {
  readonly provider: 'youtube' | 'http';
  readonly videoId: string;
}

/** Reads a key from outside; undefined when it is not one. */
export function parseVideoKey(provider: unknown, videoId: unknown): VideoKey | undefined {
  return videoKeySchema.safeParse({ provider, videoId }).data;
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
