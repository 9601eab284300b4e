import process from 'node:process';

/** A command in our own texts: `npm run NAME`, with the options of npm itself and the `--` before the arguments. */
const COMMAND = /npm run ([a-z][a-z-]*)(?: --silent)?(?: --(?= ))?/g;
/** As above, but marked as a command: in a text that may contain words from outside, nothing else is changed. */
const MARKED = /(?<=`|<code>)npm run ([a-z][a-z-]*)(?: --silent)?(?: --(?= ))?/g;
const ASSIGNMENT = /^[A-Z][A-Z0-9_]*=/;
/** Where a variable reaches the command only as an option. */
const COMPOSE_RUN = /^docker compose run\b/;

/**
 * How people type commands where this process runs: the value of `COMMAND_PREFIX`, which the image, `npx sonotheque` and the
 * systemd units set; undefined for `npm run`. It is read here and not in the entry files, because it concerns the wording of
 * messages alone.
 */
function ownPrefix(): string | undefined {
  const prefix = process.env['COMMAND_PREFIX'];
  return prefix === '' ? undefined : prefix;
}

/**
 * Writes the commands in a message as they are typed here: `npm run retry -- ID` becomes `docker compose run --rm cli retry ID`.
 * Texts of this program have one form everywhere, with the command between backticks or in `<code>`.
 * @param text may contain words from outside: only what is marked as a command is changed
 */
export function commandsAsTyped(text: string, prefix: string | undefined = ownPrefix()): string {
  if (prefix === undefined) return text;
  return text.replaceAll(MARKED, (_whole, name: string) => `${prefix} ${name}`);
}

/** As `commandsAsTyped`, for an example of our own: all commands in it are changed, and variables that stand before one. */
export function exampleAsTyped(text: string, prefix: string | undefined = ownPrefix()): string {
  if (prefix === undefined) return text;
  const words = text.split(' ');
  const begin = Math.max(
    words.findIndex((word) => !ASSIGNMENT.test(word)),
    0,
  );
  const rest = words.slice(begin).join(' ');
  const variables = words.slice(0, begin);
  const typed = rest.replaceAll(COMMAND, (_whole, name: string) => `${prefix} ${name}`);
  if (!COMPOSE_RUN.test(typed)) return [...variables, typed].join(' ');
  return typed.replace(COMPOSE_RUN, ['$&', ...variables.map((variable) => `--env ${variable}`)].join(' '));
}
