import { readFile } from 'node:fs/promises';
import { UserError } from '../../runtime/user-error.ts';

const MIN_CHARACTERS = 12;

/**
 * The passphrase of a key file, or that of the environment; undefined when there is neither.
 * @throws UserError when the file cannot be read or the passphrase is too short to be one.
 */
export async function readPassphrase(
  keyFile: string | undefined,
  fromEnvironment: string | undefined,
): Promise<string | undefined> {
  const passphrase = keyFile === undefined ? fromEnvironment : await readKeyFile(keyFile);
  if (passphrase !== undefined && passphrase.length < MIN_CHARACTERS) {
    throw new UserError(`The passphrase needs ${String(MIN_CHARACTERS)} characters or more.`, {
      exitCode: 2,
    });
  }
  return passphrase;
}

async function readKeyFile(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw new UserError(`The key file ${file} cannot be read.`, { exitCode: 2, cause: error });
  }
}
