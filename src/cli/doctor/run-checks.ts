import type { Config } from '../../config/config.ts';
import { parseConfig, type Variables } from '../../config/parse-config.ts';
import { ConfigurationError } from '../../runtime/user-error.ts';
import type { Finding } from './finding.ts';
import { checkMongo, checkRedis } from './servers.ts';
import { checkAzure, checkMinio } from './stores.ts';
import { checkTools } from './tools.ts';

/** Values that only complete a configuration: each part is checked with nothing but its own variables. */
const PLACEHOLDERS = {
  REDIS_URL: 'redis://127.0.0.1',
  MONGO_URL: 'mongodb://127.0.0.1',
  MINIO_ENDPOINT: '127.0.0.1:9000',
  MINIO_ACCESS_KEY: 'placeholder',
  MINIO_SECRET_KEY: 'placeholder',
};

interface Part {
  /** Its variables begin with one of these. */
  readonly prefixes: readonly string[];
  /** The variables without which it cannot be checked. */
  readonly required: readonly string[];
  readonly name: string;
  readonly check: (config: Config) => Promise<readonly Finding[]>;
}

const PARTS: readonly Part[] = [
  {
    name: 'tools',
    prefixes: ['YTDLP_', 'FFMPEG_', 'FFPROBE_'],
    required: [],
    check: (config) => checkTools(config.media),
  },
  {
    name: 'redis',
    prefixes: ['REDIS_', 'QUEUE_'],
    required: ['REDIS_URL'],
    check: (config) => checkRedis(config.redis),
  },
  {
    name: 'mongodb',
    prefixes: ['MONGO_'],
    required: ['MONGO_URL'],
    check: async (config) => [await checkMongo(config.mongo)],
  },
  {
    name: 'minio',
    prefixes: ['MINIO_'],
    required: ['MINIO_ENDPOINT', 'MINIO_ACCESS_KEY', 'MINIO_SECRET_KEY'],
    check: async (config) => [await checkMinio(config.minio)],
  },
  {
    name: 'azure',
    prefixes: ['AZURE_'],
    required: [],
    check: async (config) => [await checkAzure(config.azure)],
  },
];

/**
 * Checks every tool and server. A part whose configuration is missing or invalid is reported as such; the others are
 * checked all the same. Never throws.
 * @param variables the environment, complete or not
 */
export async function runChecks(variables: Variables): Promise<readonly Finding[]> {
  const findings = await Promise.all(PARTS.map((part) => checkPart(part, variables)));
  return findings.flat();
}

async function checkPart(part: Part, variables: Variables): Promise<readonly Finding[]> {
  const absent = part.required.filter((name) => (variables[name] ?? '') === '');
  if (absent.length > 0)
    return [problem(part, `set ${absent.join(', ')}, or run npm start in another terminal`)];
  const own = Object.entries(variables).filter(([name]) =>
    part.prefixes.some((prefix) => name.startsWith(prefix)),
  );
  try {
    return await part.check(parseConfig({ ...PLACEHOLDERS, ...Object.fromEntries(own) }));
  } catch (error) {
    if (error instanceof ConfigurationError) return [problem(part, error.problems.join('; '))];
    return [problem(part, error instanceof Error ? error.message : String(error))];
  }
}

function problem(part: Part, advice: string): Finding {
  return { name: part.name, state: 'missing', found: '', needed: '', where: '', advice };
}
