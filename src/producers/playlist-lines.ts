import { LineSplitter } from '../runtime/child-process-lines.ts';
import type { PlaylistReference } from '../media/playlist-listing.ts';
import { parsePlaylistReference, type ReferenceOptions } from './playlist-reference.ts';

/** A line with content, and its position. */
export interface PlaylistLine {
  /** The file name as given, `standard input` or `argument`. */
  readonly source: string;
  /** Counts from 1; for arguments their position on the command line. */
  readonly number: number;
  readonly text: string;
}

export type ParsedLine =
  | { readonly type: 'reference'; readonly line: PlaylistLine; readonly reference: PlaylistReference }
  /** The line names the same list or video as an earlier one. */
  | { readonly type: 'duplicate'; readonly line: PlaylistLine; readonly first: PlaylistLine }
  | { readonly type: 'problem'; readonly line: PlaylistLine; readonly reason: string };

/** Longer than any address; the rest of a longer line is dropped. */
const MAX_LINE_LENGTH = 8 * 1024;

/**
 * Streams the lines of a playlist file: UTF-8 with or without a byte order mark, any line endings. `#` starts a comment at
 * the beginning of a line or after white space, but not within an address; empty lines are skipped.
 */
export async function* readPlaylistLines(
  chunks: AsyncIterable<Buffer> | Iterable<Buffer>,
  source: string,
): AsyncGenerator<PlaylistLine> {
  const splitter = new LineSplitter(MAX_LINE_LENGTH);
  let number = 0;
  const toLines = function* (lines: readonly string[]): Generator<PlaylistLine> {
    for (const line of lines) {
      number += 1;
      const text = withoutComment(number === 1 ? line.replace(/^\uFEFF/, '') : line);
      if (text !== '') yield { source, number, text };
    }
  };
  for await (const chunk of chunks) yield* toLines(splitter.push(chunk));
  yield* toLines(splitter.flush());
}

/** Parses each line and marks duplicates, so that a playlist is expanded once. */
export async function* parsePlaylistLines(
  lines: AsyncIterable<PlaylistLine> | Iterable<PlaylistLine>,
  options: ReferenceOptions = {},
): AsyncGenerator<ParsedLine> {
  const seen = new Map<string, PlaylistLine>();
  for await (const line of lines) {
    const parsed = parsePlaylistReference(line.text, options);
    if (!parsed.ok) {
      yield { type: 'problem', line, reason: parsed.reason };
      continue;
    }
    const first = seen.get(parsed.reference.id);
    if (first === undefined) {
      seen.set(parsed.reference.id, line);
      yield { type: 'reference', line, reference: parsed.reference };
    } else {
      yield { type: 'duplicate', line, first };
    }
  }
}

function withoutComment(line: string): string {
  return line.replace(/(?:^|\s)#.*$/su, '').trim();
}
