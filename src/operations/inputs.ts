import { z } from 'zod';
import { parseVideoDocumentId, parseVideoKey, type VideoKey } from '../domain/video-key.ts';
import { parsePlaylistReference } from '../producers/playlist-reference.ts';

const MAX_TARGETS = 10_000;

const videoKeyInput = z.string().transform((text, context): VideoKey => {
  const key = parseVideoDocumentId(text) ?? parseVideoKey('youtube', text) ?? keyOfAddress(text);
  if (key !== undefined) return key;
  context.addIssue({
    code: 'custom',
    message: `${text} is not a video id: those have 11 characters, such as dQw4w9WgXcQ.`,
  });
  return z.NEVER;
});

/** Videos that a person names: ids of YouTube, ids as `status` shows them, or addresses. */
export const videoKeysInput = z.array(videoKeyInput).min(1).max(MAX_TARGETS);

/** A playlist that a person names: its id as `status` shows it, or anything that a line of a playlist file may be. */
const playlistIdInput = z.string().transform((text, context): string => {
  // Ids in the record are `kind.id`, and no address or bare id looks like this.
  if (/^(?:playlist|channel|handle|custom|user|name)\.[^\s:/?]+$/u.test(text)) return text;
  const parsed = parsePlaylistReference(text, { personalLists: true });
  if (parsed.ok && parsed.reference.kind !== 'video') return parsed.reference.id;
  context.addIssue({
    code: 'custom',
    message: parsed.ok
      ? `${text} is a single video: use \`npm run videos\` for it.`
      : `${text} ${parsed.reason}.`,
  });
  return z.NEVER;
});

export const playlistIdsInput = z.array(playlistIdInput).min(1).max(MAX_TARGETS);

/** @returns undefined when the text is not the address of a single video. */
export function keyOfAddress(text: string): VideoKey | undefined {
  const parsed = parsePlaylistReference(text);
  if (!parsed.ok || parsed.reference.kind !== 'video') return undefined;
  return parseVideoKey('youtube', parsed.reference.id.replace(/^video\./, ''));
}
