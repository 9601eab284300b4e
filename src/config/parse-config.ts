import { ConfigurationError } from '../runtime/user-error.ts';
import { toConfig } from './to-config.ts';
import type { Config } from './config.ts';
import { environmentSchema, type Environment } from './environment.ts';

/**
 * Makes the configuration of an environment.
 * @throws ConfigurationError that lists every problem at once.
 */
export function parseConfig(variables: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(
    Object.entries(variables).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
  const parsed = environmentSchema.safeParse(given);
  const problems = parsed.success ? [] : parsed.error.issues.map((issue) => describeIssue(issue, given));
  if ((given['DASHBOARD_USER'] === undefined) !== (given['DASHBOARD_PASSWORD'] === undefined)) {
    problems.push('DASHBOARD_USER and DASHBOARD_PASSWORD must be set together.');
  }
  if ((given['KAGGLE_USERNAME'] === undefined) !== (given['KAGGLE_KEY'] === undefined)) {
    problems.push('KAGGLE_USERNAME and KAGGLE_KEY must be set together.');
  }
  if ((given['AZURE_ACCOUNT_URL'] === undefined) !== (given['AZURE_SAS_TOKEN'] === undefined)) {
    problems.push('AZURE_ACCOUNT_URL and AZURE_SAS_TOKEN must be set together.');
  }
  if (parsed.success && parsed.data.RETRY_MIN_DELAY_SECONDS > parsed.data.RETRY_MAX_DELAY_SECONDS) {
    problems.push('RETRY_MIN_DELAY_SECONDS is larger than RETRY_MAX_DELAY_SECONDS.');
  }
  if (parsed.success && parsed.data.THROTTLE_MIN_REST_SECONDS > parsed.data.THROTTLE_MAX_REST_SECONDS) {
    problems.push('THROTTLE_MIN_REST_SECONDS is larger than THROTTLE_MAX_REST_SECONDS.');
  }
  if (parsed.success) problems.push(...egressConflicts(parsed.data));
  if (given['AUDIO_PROVIDERS']?.includes('savetube') && given['SAVETUBE_KEY'] === undefined) {
    problems.push('SAVETUBE_KEY must be set when AUDIO_PROVIDERS names savetube.');
  }
  if (!parsed.success || problems.length > 0) throw new ConfigurationError(problems);
  return deepFreeze(toConfig(parsed.data));
}

/** yt-dlp takes one proxy and one cookie file: what every call has cannot differ between identities. */
function egressConflicts(env: Environment): string[] {
  const isGivenTo = (option: string) =>
    env.YTDLP_EXTRA_ARGS.some((word) => word === option || word.startsWith(`${option}=`));
  const entries = env.EGRESS ?? [];
  return [
    ...(entries.some(({ proxy }) => proxy !== undefined) && isGivenTo('--proxy') ? ['--proxy'] : []),
    ...(entries.some(({ cookiesFile }) => cookiesFile !== undefined) && isGivenTo('--cookies')
      ? ['--cookies']
      : []),
  ].map((option) => `${option} is given by EGRESS and by YTDLP_EXTRA_ARGS; take it out of one of them.`);
}

function describeIssue(
  issue: { path: PropertyKey[]; message: string; code?: string },
  given: Readonly<Record<string, string | undefined>>,
): string {
  const name = String(issue.path[0]);
  if (given[name] === undefined) {
    return `${name} is not set. Start everything on this machine with \`npm start\`, or set it in the environment or in .env.`;
  }
  // Zod's own texts begin with a capital letter; ours continue the variable's name.
  return /^[A-Z]/.test(issue.message) ? `${name}: ${issue.message}.` : `${name} ${issue.message}.`;
}

function deepFreeze<T extends object>(value: T): T {
  for (const child of Object.values(value)) {
    if (typeof child === 'object' && child !== null && !(child instanceof RegExp))
      deepFreeze(child as object);
  }
  return Object.freeze(value);
}
