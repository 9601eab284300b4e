import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { z } from 'zod';
import { readTools } from '../../local/servers/tools.ts';
import { gatherEnvironment } from '../../src/config/load.ts';
import type { Database } from '../../src/database/database.ts';
import type { JobQueues } from '../../src/queues/job-queues.ts';
import { ROOT } from './bench-servers.ts';

const run = promisify(execFile);

/** The versions of Node and of the servers that are asked. */
export async function serverVersions(servers: {
  readonly queues?: JobQueues;
  readonly database?: Database;
}): Promise<Record<string, string>> {
  const redis = await servers.queues?.redis.info('server');
  const [, redisVersion = 'unknown'] = /^redis_version:(\S+)/m.exec(redis ?? '') ?? [];
  const mongo = await servers.database?.connection.db?.command({ buildInfo: 1 });
  const { version } = z.object({ version: z.string().default('unknown') }).parse(mongo ?? {});
  return {
    Node: process.version,
    ...(servers.queues && { Redis: redisVersion }),
    ...(servers.database && { MongoDB: `${version}${isStandIn() ? ' (the stand-in)' : ''}` }),
  };
}

/** Of the servers that the set-up installed; one that the environment names does not tell its version. */
export async function storeVersions(): Promise<Record<string, string>> {
  const { minio } = readTools(ROOT);
  return {
    ...(given('MINIO_ENDPOINT') || minio === undefined ? {} : { MinIO: await minioVersion(minio) }),
    ...(given('AZURE_STORAGE_CONNECTION_STRING') || given('AZURE_ACCOUNT_URL') ? {} : { Azurite: azurite() }),
  };
}

/** Of the programs that download and convert. */
export async function mediaVersions(ytDlp: string, ffmpeg: string): Promise<Record<string, string>> {
  return {
    'yt-dlp': await firstLine(ytDlp, ['--version'], /(\S+)/),
    ffmpeg: await firstLine(ffmpeg, ['-version'], /version (\S+)/),
  };
}

/** Whether the database that a benchmark starts is the stand-in for MongoDB. */
export function isStandIn(): boolean {
  return !given('MONGO_URL') && readTools(ROOT).mongo?.kind === 'stand-in';
}

/** The servers that were named when the program began, before others were started. */
const GIVEN = gatherEnvironment(process.env);
const given = (name: string) => (GIVEN[name] ?? '') !== '';

async function firstLine(program: string, args: readonly string[], pattern: RegExp): Promise<string> {
  const { stdout } = await run(program, args);
  return pattern.exec(stdout)?.[1] ?? 'unknown';
}

/** One that was built here has no version, but a directory that is named after its commit. */
async function minioVersion(program: string): Promise<string> {
  const version = await firstLine(program, ['--version'], /version (\S+)/);
  return version.startsWith('DEVELOPMENT')
    ? `of commit ${path.basename(path.dirname(program)).replace('minio-', '')}`
    : version;
}

function azurite(): string {
  const file = createRequire(import.meta.url).resolve('azurite/package.json');
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(file, 'utf8'))).version;
}
