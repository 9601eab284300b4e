import { readFile } from 'node:fs/promises';
import { usageError } from '../command/run-command.ts';
import { userPath } from '../command/user-path.ts';

const MIN_CHARACTERS = 12;

/**
 * The passphrase in the key file, else the one of the environment; undefined when there is neither.
 * @throws UserError when the file cannot be read or the passphrase is too short.
 */
export async function readPassphrase(
  keyFile: string | undefined,
  fromEnvironment: string | undefined,
): Promise<string | undefined> {
  const passphrase = keyFile === undefined ? fromEnvironment : await readKeyFile(keyFile);
  if (passphrase !== undefined && passphrase.length < MIN_CHARACTERS) {
    throw usageError(`The passphrase needs at least ${String(MIN_CHARACTERS)} characters.`);
  }
  return passphrase;
}

async function readKeyFile(file: string): Promise<string> {
  try {
    return (await readFile(userPath(file), 'utf8')).trim();
  } catch (error) {
    throw usageError(`The key file ${file} cannot be read.`, { cause: error });
  }
}
