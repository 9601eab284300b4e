import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import { readPlaylistLines, type PlaylistLine } from '../../producers/playlist-lines.ts';
import { usageError } from '../command/run-command.ts';
import { userPath } from '../command/user-path.ts';

/** The source of a line that is an argument. */
export const ARGUMENT = 'argument';

/**
 * The lines of all inputs, in order: `-` is standard input, an argument that exists as a file is that file,
 * anything else is a line of its own. Without inputs: the default file.
 * @throws UserError (exit code 2) when a file cannot be read.
 */
export async function* linesOfInputs(
  inputs: readonly string[],
  defaultFile: string,
  from: { readonly stdin: Readable; readonly signal: AbortSignal },
): AsyncGenerator<PlaylistLine> {
  if (inputs.length === 0) {
    yield* linesOfFile(defaultFile);
    return;
  }
  for (const [index, input] of inputs.entries()) {
    if (input === '-') yield* linesOfStdin(from.stdin, from.signal);
    else if (await isFile(userPath(input))) yield* linesOfFile(userPath(input));
    else yield { source: ARGUMENT, number: index + 1, text: input };
  }
}

/** Ends when the signal is aborted, also while no input arrives. */
async function* linesOfStdin(stdin: Readable, signal: AbortSignal): AsyncGenerator<PlaylistLine> {
  try {
    yield* readPlaylistLines(addAbortSignal(signal, stdin) as AsyncIterable<Buffer>, 'standard input');
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function* linesOfFile(file: string): AsyncGenerator<PlaylistLine> {
  const stream = createReadStream(file);
  try {
    yield* readPlaylistLines(stream as AsyncIterable<Buffer>, file);
  } catch (error) {
    if (!isFileError(error)) throw error;
    const reason = error.code === 'ENOENT' ? 'does not exist' : `cannot be read (${error.code})`;
    throw usageError(
      `${file} ${reason}. Write one playlist per line into it, or pass playlists as arguments.`,
      { cause: error },
    );
  } finally {
    stream.destroy();
  }
}

async function isFile(input: string): Promise<boolean> {
  try {
    return (await stat(input)).isFile();
  } catch {
    // The name is too long or has forbidden characters. The parser of lines reports what is wrong with it.
    return false;
  }
}

function isFileError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error;
}
