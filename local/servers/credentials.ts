import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { parseJson } from '../../src/runtime/json.ts';
import { UserError } from '../../src/runtime/user-error.ts';

const credentialsSchema = z.object({
  redisPassword: z.string(),
  /** Files of versions whose MongoDB had no login have none. */
  mongoPassword: z.string().optional(),
  minioAccessKey: z.string(),
  minioSecretKey: z.string(),
  azureAccount: z.string(),
  azureKey: z.string(),
});

export type Credentials = z.output<typeof credentialsSchema> & { readonly mongoPassword: string };

/**
 * The credentials of the local servers of a data directory: random, made at the first start, readable by their owner only.
 * @throws UserError when the file has another content: the data may need the credentials that it had.
 */
export function credentialsOf(directory: string): Credentials {
  const file = path.join(directory, 'credentials.json');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  // An empty file is what a crash of the machine left of the first start.
  if (text.trim() !== '') {
    const { data } = credentialsSchema.safeParse(parseJson(text));
    if (data?.mongoPassword !== undefined) return { ...data, mongoPassword: data.mongoPassword };
    if (data !== undefined) return write(file, { ...data, mongoPassword: randomPassword() });
    throw new UserError(
      `${file} is damaged. Restore it, or remove ${directory} to begin with empty servers.`,
    );
  }
  return write(file, {
    redisPassword: randomPassword(),
    mongoPassword: randomPassword(),
    minioAccessKey: `local${randomBytes(6).toString('hex')}`,
    minioSecretKey: randomPassword(),
    azureAccount: `local${randomBytes(6).toString('hex')}`,
    // Azure account keys are 64 bytes in base64.
    azureKey: randomBytes(64).toString('base64'),
  });
}

function write(file: string, credentials: Credentials): Credentials {
  const unfinished = `${file}.partial`;
  rmSync(unfinished, { force: true });
  writeFileSync(unfinished, JSON.stringify(credentials), { mode: 0o600, flag: 'wx' });
  renameSync(unfinished, file);
  return credentials;
}

function randomPassword(): string {
  return randomBytes(24).toString('hex');
}
