import { LineSplitter } from '../runtime/child-process-lines.ts';
import type { PlaylistReference } from '../media/playlist-listing.ts';
import { parsePlaylistReference } from './playlist-reference.ts';

/** One line that says something, with where it stands. */
export interface PlaylistLine {
  /** The file as it was named, `standard input` or `argument`. */
  readonly source: string;
  /** 1-based; for arguments their place on the command line. */
  readonly number: number;
  readonly text: string;
}

/** What became of a line. */
export type InterpretedLine =
  | { readonly type: 'reference'; readonly line: PlaylistLine; readonly reference: PlaylistReference }
  /** It names what an earlier line has named. */
  | { readonly type: 'duplicate'; readonly line: PlaylistLine; readonly first: PlaylistLine }
  | { readonly type: 'problem'; readonly line: PlaylistLine; readonly reason: string };

/** More than any address is long; the rest of such a line is dropped, whatever its length. */
const MAX_LINE_LENGTH = 8 * 1024;

/**
 * Reads a playlist file as it streams in: UTF-8 with or without a byte order mark, any line ends. `#` begins a
 * comment at the start of a line or after white space (within an address it does not); empty lines are left out.
 */
export async function* readPlaylistLines(
  chunks: AsyncIterable<Buffer> | Iterable<Buffer>,
  source: string,
): AsyncGenerator<PlaylistLine> {
  const splitter = new LineSplitter(MAX_LINE_LENGTH);
  let number = 0;
  const take = function* (lines: readonly string[]): Generator<PlaylistLine> {
    for (const line of lines) {
      number += 1;
      const text = withoutComment(number === 1 ? line.replace(/^\uFEFF/, '') : line);
      if (text !== '') yield { source, number, text };
    }
  };
  for await (const chunk of chunks) yield* take(splitter.push(chunk));
  yield* take(splitter.flush());
}

/** Understands each line; what was named before is told apart, so that it is expanded once. */
export async function* interpretPlaylistLines(
  lines: AsyncIterable<PlaylistLine> | Iterable<PlaylistLine>,
): AsyncGenerator<InterpretedLine> {
  const seen = new Map<string, PlaylistLine>();
  for await (const line of lines) {
    const parsed = parsePlaylistReference(line.text);
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
