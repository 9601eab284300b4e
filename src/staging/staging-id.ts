import { randomBytes } from 'node:crypto';
import { link, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { OperatorError } from '../domain/job-errors.ts';
import { fileError, readIfThere } from '../runtime/files.ts';
import { makePrivateDirectory } from './private-directory.ts';

const FILE_NAME = '.staging-id';
const ID = /^[0-9a-f]{16}$/;

/**
 * The identity of a staging directory, from a file in it that is created when it is missing. Its path identifies nothing:
 * containers see one volume under several paths, and a path is another disk on each host.
 * @throws JobError when the directory cannot be used.
 */
export async function readStagingId(directory: string): Promise<string> {
  const file = path.join(directory, FILE_NAME);
  try {
    await makePrivateDirectory(directory);
    const known = await readId(file);
    if (known !== undefined) return known;
    // A link fails when another worker was first, and never shows a half-written file.
    const draft = `${file}.${randomBytes(6).toString('hex')}`;
    await writeFile(draft, `${randomBytes(8).toString('hex')}\n`);
    try {
      await link(draft, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      await rm(draft, { force: true });
    }
  } catch (error) {
    throw fileError(error, 'Creating the staging id');
  }
  const id = await readId(file);
  if (id === undefined) throw new OperatorError('local_configuration', `${file} cannot be read.`);
  return id;
}

async function readId(file: string): Promise<string | undefined> {
  const id = (await readIfThere(file))?.trim();
  if (id === undefined || ID.test(id)) return id;
  throw new OperatorError('local_configuration', `${file} is damaged. Remove it.`);
}
