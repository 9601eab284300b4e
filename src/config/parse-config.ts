import { ConfigurationError } from '../runtime/user-error.ts';
import type { Config } from './config.ts';
import { environmentSchema, type Environment } from './environment.ts';
import { redisConflicts } from './redis-config.ts';
import { toConfig } from './to-config.ts';

/** Environment variables, by name. */
export type Variables = Readonly<Record<string, string | undefined>>;

const SET_TOGETHER: readonly [keyof Environment, keyof Environment][] = [
  ['DASHBOARD_USER', 'DASHBOARD_PASSWORD'],
  ['KAGGLE_USERNAME', 'KAGGLE_KEY'],
  ['REDIS_TLS_CERT', 'REDIS_TLS_KEY'],
];

/** Needed unless other credentials are used. */
const MINIO_KEYS = ['MINIO_ACCESS_KEY', 'MINIO_SECRET_KEY'] as const satisfies readonly (keyof Environment)[];

/** The first of each pair may not be larger than the second. */
const LIMITS = [
  ['RETRY_MIN_DELAY_SECONDS', 'RETRY_MAX_DELAY_SECONDS'],
  ['THROTTLE_MIN_REST_SECONDS', 'THROTTLE_MAX_REST_SECONDS'],
] as const;

/**
 * The configuration that the variables describe. An empty variable counts as not set.
 * @throws ConfigurationError that lists every problem at once.
 */
export function parseConfig(variables: Variables): Config {
  const given = Object.fromEntries(
    Object.entries(variables).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
  // Once in a process: compiling the schema first would take longer than it saves.
  const parsed = environmentSchema.safeParse(given, { jitless: true });
  const problems = parsed.success ? [] : parsed.error.issues.map((issue) => describeIssue(issue, given));
  for (const [one, other] of SET_TOGETHER) {
    if ((given[one] === undefined) !== (given[other] === undefined))
      problems.push(`${one} and ${other} must be set together.`);
  }
  if (given['AZURE_SAS_TOKEN'] !== undefined && given['AZURE_ACCOUNT_URL'] === undefined) {
    problems.push('AZURE_ACCOUNT_URL must be set when AZURE_SAS_TOKEN is.');
  }
  // Also when other variables are wrong, so that all problems are told at once.
  if (given['MINIO_CREDENTIALS'] !== 'aws')
    problems.push(...MINIO_KEYS.filter((name) => given[name] === undefined).map(notSet));
  if (parsed.success) problems.push(...conflictsOf(parsed.data));
  if (given['AUDIO_PROVIDERS']?.includes('savetube') && given['SAVETUBE_KEY'] === undefined) {
    problems.push('SAVETUBE_KEY must be set when AUDIO_PROVIDERS names savetube.');
  }
  if (!parsed.success || problems.length > 0) throw new ConfigurationError(problems);
  return deepFreeze(toConfig(parsed.data));
}

function conflictsOf(env: Environment): string[] {
  // yt-dlp takes one proxy and one cookie file: arguments of every call cannot differ between egress addresses.
  const isExtraArgument = (option: string) =>
    env.YTDLP_EXTRA_ARGS.some((word) => word === option || word.startsWith(`${option}=`));
  const entries = env.EGRESS ?? [];
  const egressOptions = [
    ...(entries.some(({ proxy }) => proxy !== undefined) ? ['--proxy'] : []),
    ...(entries.some(({ cookiesFile }) => cookiesFile !== undefined) ? ['--cookies'] : []),
  ];
  const pairs = env.MIRROR_PAIRS ?? [];
  const isMain = pairs.some(
    ({ bucket, container }) => bucket === env.MINIO_BUCKET || container === env.AZURE_CONTAINER,
  );
  const isShared = new Set(pairs.map(({ container }) => container)).size < pairs.length;
  return [
    ...redisConflicts(env),
    ...(isMain ? ['MIRROR_PAIRS names MINIO_BUCKET or AZURE_CONTAINER, which are a pair already.'] : []),
    ...(isShared
      ? ['MIRROR_PAIRS names a container twice: one bucket would delete what the other wrote.']
      : []),
    ...LIMITS.filter(([low, high]) => env[low] > env[high]).map(
      ([low, high]) => `${low} is larger than ${high}.`,
    ),
    ...egressOptions
      .filter(isExtraArgument)
      .map((option) => `${option} is given by EGRESS and by YTDLP_EXTRA_ARGS; remove it from one of them.`),
  ];
}

function describeIssue(issue: { path: PropertyKey[]; message: string }, given: Variables): string {
  const name = String(issue.path[0]);
  if (given[name] === undefined) return notSet(name);
  // Zod's own texts begin with a capital letter; ours continue the variable's name.
  return /^[A-Z]/.test(issue.message) ? `${name}: ${issue.message}.` : `${name} ${issue.message}.`;
}

function notSet(name: string): string {
  return `${name} is not set. Start everything on this machine with \`npm start\`, or set it in the environment or in .env.`;
}

function deepFreeze<T extends object>(value: T): T {
  for (const child of Object.values(value)) {
    if (typeof child === 'object' && child !== null && !(child instanceof RegExp))
      deepFreeze(child as object);
  }
  return Object.freeze(value);
}
