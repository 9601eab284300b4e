import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const credentialsSchema = z.object({
  redisPassword: z.string(),
  minioAccessKey: z.string(),
  minioSecretKey: z.string(),
  azureAccount: z.string(),
  azureKey: z.string(),
});

export type Credentials = z.output<typeof credentialsSchema>;

/** The credentials of the local servers of a data directory: random, made at the first start, readable by their owner only. */
export function credentialsOf(directory: string): Credentials {
  const file = path.join(directory, 'credentials.json');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  try {
    return credentialsSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const made: Credentials = {
    redisPassword: randomBytes(24).toString('hex'),
    minioAccessKey: `local${randomBytes(6).toString('hex')}`,
    minioSecretKey: randomBytes(24).toString('hex'),
    azureAccount: `local${randomBytes(6).toString('hex')}`,
    // Azure account keys are 64 bytes in base64.
    azureKey: randomBytes(64).toString('base64'),
  };
  writeFileSync(file, JSON.stringify(made), { mode: 0o600, flag: 'wx' });
  return made;
}
