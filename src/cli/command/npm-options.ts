import { readFileSync } from 'node:fs';
import process from 'node:process';
import { UserError } from '../../runtime/user-error.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** npm's name for an option that it knows by one letter. */
const SHORT: ReadonlyMap<string, string> = new Map([['-c', 'call']]);
/** npm sets these for every script. */
const ALWAYS_SET: ReadonlySet<string> = new Set(['prefix', 'cache']);

/** An option of a command, as commander has it. */
export interface OptionNames {
  readonly long?: string | undefined;
  readonly short?: string | undefined;
}

/**
 * Refuses options that npm took for itself: `npm run videos --skip ID` runs the command without `--skip`. What the command would do
 * then is not what was asked for.
 * @param name of the command, which is that of its script
 * @throws UserError (exit code 2) that says how to write it
 */
export function refuseSwallowedOptions(
  name: string,
  options: readonly OptionNames[],
  environment: Environment = process.env,
): void {
  // Other variables are those of another script, such as `npm test`, which runs commands itself.
  if (environment['npm_lifecycle_event'] !== name) return;
  const swallowed = options.flatMap((option) => {
    const variable = variablesOf(option).find((each) => environment[`npm_config_${each}`] !== undefined);
    return variable === undefined || isConfigured(variable, environment)
      ? []
      : [option.long ?? option.short ?? ''];
  });
  if (swallowed.length === 0) return;
  const list = swallowed.join(' ');
  throw new UserError(
    `npm took ${list} for itself: put -- before the options, as in \`npm run ${name} -- ${list}\`.`,
    { exitCode: 2 },
  );
}

function variablesOf({ long, short }: OptionNames): string[] {
  const byLong = long?.replace(/^--(no-)?/, '').replaceAll('-', '_');
  const byShort = short === undefined ? undefined : SHORT.get(short);
  return [byLong, byShort].filter((name) => name !== undefined).filter((name) => !ALWAYS_SET.has(name));
}

/** Whether a person set it in a file of npm, for npm. */
function isConfigured(variable: string, environment: Environment): boolean {
  const files = [environment['npm_config_userconfig'], environment['npm_config_globalconfig'], '.npmrc'];
  const line = new RegExp(`^\\s*${variable.replaceAll('_', '[-_]')}\\s*=`, 'm');
  return files.some((file) => {
    if (file === undefined) return false;
    try {
      return line.test(readFileSync(file, 'utf8'));
    } catch {
      return false;
    }
  });
}
