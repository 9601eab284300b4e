import process from 'node:process';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { UserError } from '../../runtime/user-error.ts';

/**
 * Asks for a line on a terminal without showing what is typed.
 * @throws UserError when the signal is aborted.
 */
export async function readSecret(question: string, signal: AbortSignal): Promise<string> {
  process.stderr.write(question);
  // readline writes what is typed to its output.
  const output = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  // In raw mode Ctrl-C is a character.
  lines.on('SIGINT', () => {
    process.kill(process.pid, 'SIGINT');
  });
  try {
    return await lines.question('', { signal });
  } catch (error) {
    throw signal.aborted ? new UserError('Stopped; nothing was changed.') : error;
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
