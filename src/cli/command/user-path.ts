import path from 'node:path';
import process from 'node:process';

/**
 * A file or directory that a person named on the command line. Commands run in the root of the checkout, where `.env` is;
 * a path is meant from where the person is, which the launcher tells (local/setup/launch-command.mjs).
 * @returns the path as it is where both are the same, so that messages show it as it was typed
 */
export function userPath(text: string): string {
  const directory = process.env['COMMAND_DIRECTORY'];
  return directory === undefined || directory === '' ? text : path.resolve(directory, text);
}
