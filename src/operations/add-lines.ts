import type { Database } from '../database/database.ts';
import { parseVideoKey, type VideoKey } from '../domain/video-key.ts';
import type { PlaylistReference } from '../media/playlist-listing.ts';
import { parsePlaylistLines, readPlaylistLines } from '../producers/playlist-lines.ts';
import type { JobQueues } from '../queues/job-queues.ts';
import { addVideos, type AddVideoOutcome } from './add-videos.ts';
import type { Actor } from './audited.ts';
import { addPlaylists, type AddOutcome } from './manage-playlists.ts';

interface AddLinesDependencies {
  readonly database: Database;
  readonly queues: JobQueues;
  /** Whether personal lists can be read: an egress address has the cookies of an account. */
  readonly personalLists: boolean;
}

/** What a line was understood as, and what came of it; or why it means nothing. */
export type AddedLine = { readonly line: number; readonly text: string } & (
  | {
      readonly type: 'playlist';
      readonly kind: 'playlist' | 'channel';
      readonly id: string;
      readonly url: string;
      readonly outcome: AddOutcome;
    }
  | { readonly type: 'video'; readonly id: string; readonly url: string; readonly outcome: AddVideoOutcome }
  /** It names the same as an earlier line. */
  | { readonly type: 'repeated'; readonly first: number }
  /** `reason`: the end of a sentence that begins with the text. */
  | { readonly type: 'problem'; readonly reason: string }
);

/** Lines that are looked at; the rest is refused. */
export const MAX_LINES = 1_000;

/** Adds what lines name that are written as those of a playlist file: playlists, channels, tabs of channels and videos. */
export async function addLines(
  text: string,
  actor: Actor,
  { database, queues, personalLists }: AddLinesDependencies,
): Promise<AddedLine[]> {
  const added: AddedLine[] = [];
  const named: { readonly line: number; readonly text: string; readonly reference: PlaylistReference }[] = [];
  const lines = readPlaylistLines([Buffer.from(text)], 'form');
  for await (const parsed of parsePlaylistLines(lines, { personalLists })) {
    const { number: line, text: said } = parsed.line;
    if (parsed.type === 'problem') added.push({ line, text: said, type: 'problem', reason: parsed.reason });
    else if (named.length + added.length >= MAX_LINES) {
      const reason = `is one of more than ${String(MAX_LINES)} lines; put it into a file for \`npm run enqueue\``;
      added.push({ line, text: said, type: 'problem', reason });
      break;
    } else if (parsed.type === 'duplicate') {
      added.push({ line, text: said, type: 'repeated', first: parsed.first.number });
    } else named.push({ line, text: said, reference: parsed.reference });
  }
  const playlists = named.filter(({ reference }) => reference.kind !== 'video');
  const references = playlists.map(({ reference }) => reference);
  const results = references.length === 0 ? [] : await addPlaylists(references, actor, { database, queues });
  for (const [index, { reference, ...line }] of playlists.entries()) {
    const { id, url, kind } = reference;
    const outcome = results[index]?.outcome;
    if (outcome === undefined || kind === 'video') continue;
    added.push({ ...line, type: 'playlist', kind, id, url, outcome });
  }
  const videos = named.flatMap(({ reference, ...line }) => {
    const key = reference.kind === 'video' ? keyOf(reference) : undefined;
    return key === undefined ? [] : [{ ...line, key, url: reference.url }];
  });
  const outcomes = videos.length === 0 ? [] : await addVideos(videos, actor, { database, queues });
  for (const [index, { key: _key, ...line }] of videos.entries()) {
    const result = outcomes[index];
    if (result !== undefined) added.push({ ...line, type: 'video', ...result });
  }
  return added.sort((one, other) => one.line - other.line);
}

function keyOf({ id }: PlaylistReference): VideoKey | undefined {
  return parseVideoKey('youtube', id.replace(/^video\./, ''));
}
