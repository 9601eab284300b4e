import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileError } from '../runtime/file-errors.ts';
import { OperatorError } from '../domain/job-errors.ts';

const FILE_NAME = '.staging-id';
const ID = /^[0-9a-f]{16}$/;

/**
 * The name of a staging directory, which all workers that share it find in it. Its path is no name: containers
 * see one volume under several paths, and one path is another disk on each host.
 * @throws OperatorError when the directory cannot be used.
 */
export async function readStagingId(directory: string): Promise<string> {
  const file = path.join(directory, FILE_NAME);
  try {
    await mkdir(directory, { recursive: true });
    const known = await readIfThere(file);
    if (known !== undefined) return known;
    // Linking fails where another worker was first, and shows no half-written file.
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
    throw fileError(error, 'Naming the staging directory');
  }
  const id = await readIfThere(file);
  if (id === undefined) throw new OperatorError('local_configuration', `${FILE_NAME} cannot be read back.`);
  return id;
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    const text = (await readFile(file, 'utf8')).trim();
    if (ID.test(text)) return text;
    throw new OperatorError('local_configuration', `${file} is damaged. Remove it.`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
