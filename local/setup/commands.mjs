import path from 'node:path';
import { ROOT } from './paths.mjs';
import { nearest } from './nearest.mjs';
import { SetUpError } from './set-up-error.mjs';

/**
 * What must be installed before a command runs: the npm packages; or all programs and servers as well, except servers
 * that `.env` names; or all of them whatever `.env` says (tests and the demo must not touch anybody's real servers); or those and
 * a browser.
 * @typedef {'packages' | 'everything' | 'everything-local' | 'tests'} Needs
 *
 * @typedef {object} Command
 * @property {string} description one line
 * @property {Needs} needs
 * @property {string} program relative to the root of the project
 * @property {string[]} [nodeOptions]
 * @property {string[]} [moreArguments] after those of the command line
 * @property {string} [usage] the arguments, for programs that do not answer `--help` themselves
 * @property {Record<string, string>} [options] with `usage`: what each option does
 */

/** Where the commands of the program itself are; the others are for those who develop it. */
const PROGRAMS = 'src/cli/';
/** Commands of local/ that are part of the program. */
const USED = ['start', 'demo', 'update-yt-dlp'];

/** @param {string} name of a file of src/cli/ @param {string} description @returns {Command} */
const cli = (name, description) => ({ description, needs: 'packages', program: `${PROGRAMS}${name}.ts` });
const JEST = {
  program: 'node_modules/jest/bin/jest.js',
  nodeOptions: ['--experimental-vm-modules'],
  usage: '[options] [file...]',
  options: { '…': 'those of Jest, such as --testNamePattern' },
};

/** Every command; commands.test.ts compares the list with package.json and src/cli/. @type {Record<string, Command>} */
export const COMMANDS = {
  demo: {
    description: 'Runs the whole pipeline on sample data, then ends.',
    needs: 'everything-local',
    program: 'local/demo/main.ts',
  },
  start: {
    description: 'Starts servers, a worker and the dashboard on this machine, and stays up until Ctrl-C.',
    needs: 'everything',
    program: 'local/start.ts',
    usage: '',
  },
  test: { description: 'Runs all tests.', needs: 'tests', ...JEST },
  'test:unit': {
    description: 'Runs the unit tests.',
    needs: 'packages',
    ...JEST,
    // Some unit tests wait for timers and child processes: more workers than cores (30 s with 2, 20 s with 6, on two cores).
    // The project is last, because its option takes all arguments that follow it.
    moreArguments: ['--maxWorkers=6', '--selectProjects', 'unit'],
  },
  'test:compose': {
    description: 'Builds the image and tries docker-compose.yml, where a container engine is.',
    needs: 'packages',
    program: 'local/setup/test-compose.mjs',
    usage: '[options]',
    options: {
      '--require-engine': 'fail where there is no container engine',
      '--no-build': 'use the image that is there',
    },
  },
  check: {
    description: 'Runs all static checks: lint, types, unused code, import rules, format.',
    needs: 'packages',
    program: 'local/setup/check.mjs',
    usage: '',
  },
  format: {
    description: 'Formats all files.',
    needs: 'packages',
    program: 'node_modules/prettier/bin/prettier.cjs',
    moreArguments: ['--write', '.'],
    usage: '[options]',
    options: { '…': 'those of Prettier' },
  },
  generate: {
    description: 'Writes the files that are generated from the sources; --check only compares them.',
    needs: 'packages',
    program: 'local/generate/main.ts',
    usage: '[options]',
    options: { '--check': 'only compare them, and fail where one is out of date' },
  },
  enqueue: cli('enqueue', 'Expands playlists and adds a download job for each new video.'),
  worker: cli('worker', 'Runs a worker process until it is stopped.'),
  status: cli('status', 'Shows the state of videos, queues and playlists.'),
  retry: cli('retry', 'Lists waiting and failed videos, and retries failed ones.'),
  queues: cli('queues', 'Shows the queues; pauses and resumes them; ends the rest of an egress address.'),
  playlists: cli('playlists', 'Lists playlists; adds, pauses, resumes and forgets them.'),
  videos: cli('videos', 'Finds and shows videos; skips and deletes them, and undoes that.'),
  export: cli('export', 'Copies archived audio into files with readable names, with a list for players.'),
  import: cli('import', 'Makes videos of audio files that you have.'),
  reconcile: cli('reconcile', 'Finds and repairs differences between MongoDB, jobs, staging and bucket.'),
  sync: cli('sync', 'Copies the bucket to the Azure container, or shows what the container has.'),
  doctor: cli('doctor', 'Checks every tool and server that is needed.'),
  dashboard: cli('dashboard', 'Serves the overview, Bull Board and the metrics until it is stopped.'),
  users: cli('users', 'Lists, sets and removes the users of the dashboard.'),
  tokens: cli('tokens', 'Lists, makes and revokes the tokens with which programs use the API.'),
  snapshot: cli('snapshot', 'Saves the database into the bucket; verifies, lists or prunes snapshots.'),
  restore: cli('restore', 'Restores a snapshot of the database.'),
  health: cli('health', 'Shows whether the documents of every source are fresh.'),
  report: cli('report', 'Creates a report on the collected documents.'),
  notify: cli('notify', 'Sends a message to the alert webhook.'),
  collect: cli('collect', 'Collects sources now.'),
  'update-yt-dlp': {
    description: 'Installs the newest yt-dlp or a given version, or returns to the one before.',
    needs: 'packages',
    program: 'local/update-yt-dlp/main.ts',
  },
  sbom: {
    description:
      'Lists all software that is used, as CycloneDX: npm packages, Python packages, system programs.',
    needs: 'packages',
    program: 'local/setup/sbom.mjs',
    usage: '[file]',
  },
  bench: {
    description: 'Runs the benchmarks, or those that are named.',
    needs: 'everything-local',
    program: 'local/setup/bench.mjs',
    usage: '[options] [name...]',
    options: { '…': 'those of the benchmark that is named, such as --json' },
  },
  'sample-channel': {
    description: 'Serves the sample channel, a local stand-in for YouTube, until it is stopped.',
    needs: 'everything-local',
    program: 'local/sample-channel/main.ts',
  },
  chaos: {
    description: 'Kills and breaks everything on purpose, then checks that nothing is lost.',
    needs: 'everything-local',
    program: 'test/chaos/main.ts',
  },
};

/** The commands of the image: those of the program, and the update of yt-dlp. @type {Record<string, Command>} */
export const IMAGE_COMMANDS = Object.fromEntries(
  Object.entries(COMMANDS).filter(
    ([name, { program }]) => program.startsWith(PROGRAMS) || name === 'update-yt-dlp',
  ),
);

/**
 * What to do for a command line: print a help text, or run Node with arguments once the needs are met.
 * @param {string} name
 * @param {string[]} args
 * @returns {{ help: string } | Plan}
 *
 * @typedef {object} Plan
 * @property {Needs} needs
 * @property {string} program an absolute path
 * @property {string[]} nodeOptions
 * @property {string[]} moreArguments after those of the command line
 * @property {boolean} runsHere whether the program may run in the process of the launcher
 */
export function planOf(name, args) {
  if (isHelp(name) || name === '') return { help: overview() };
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    throw new SetUpError(unknownCommand(name, COMMANDS), { exitCode: 2 });
  }
  const { needs, program, usage, nodeOptions = [], moreArguments = [] } = command;
  const end = args.indexOf('--');
  const wantsHelp = (end < 0 ? args : args.slice(0, end)).some(isHelp);
  if (wantsHelp && usage !== undefined) return { help: helpOf(name, command) };
  return {
    // The help of a program needs no servers.
    needs: wantsHelp ? 'packages' : needs,
    program: path.join(ROOT, program),
    nodeOptions,
    moreArguments,
    runsHere: program.startsWith(PROGRAMS) && nodeOptions.length === 0,
  };
}

/**
 * What to say about a command that does not exist.
 * @param {string} name
 * @param {Record<string, Command>} commands
 */
export function unknownCommand(name, commands) {
  const names = Object.keys(commands);
  const suggested = nearest(name, names);
  const hint = suggested === undefined ? '' : ` Did you mean "${suggested}"?`;
  return `There is no command "${name}".${hint} There are: ${names.join(', ')}`;
}

/** @param {string} word */
function isHelp(word) {
  return word === '--help' || word === '-h';
}

/** @param {string} name @param {Command} command */
function helpOf(name, { description, usage = '', options = {} }) {
  const prefix = process.env['COMMAND_PREFIX'];
  const script = ['start', 'test'].includes(name) ? `npm ${name}` : `npm run ${name}`;
  const line = prefix === undefined ? `${script} -- ${usage}` : `${prefix} ${name} ${usage}`;
  const width = Math.max(...Object.keys(options).map((option) => option.length));
  const lines = Object.entries(options).map(([option, text]) => `  ${option.padEnd(width)}  ${text}\n`);
  const list = lines.length === 0 ? '' : `\nOptions:\n${lines.join('')}`;
  return `Usage: ${usage === '' ? line.replace(/( --)? $/, '') : line}\n\n${description}\n${list}`;
}

/**
 * The list of commands, with how one is typed here: `COMMAND_PREFIX`, as in src/runtime/command-form.ts.
 * @param {Record<string, Command>} [commands]
 */
export function overview(commands = COMMANDS) {
  const prefix = process.env['COMMAND_PREFIX'];
  const usage = prefix === undefined ? 'npm run NAME -- [ARGUMENT …]' : `${prefix} NAME [ARGUMENT …]`;
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  const isUsed = (/** @type {[string, Command]} */ [name, { program }]) =>
    program.startsWith(PROGRAMS) || USED.includes(name);
  const entries = Object.entries(commands);
  const sections = [
    { title: 'Commands', entries: entries.filter(isUsed) },
    { title: 'For developers', entries: entries.filter((entry) => !isUsed(entry)) },
  ];
  const texts = sections
    .filter((section) => section.entries.length > 0)
    .map((section) => {
      const lines = section.entries.map(
        ([name, { description }]) => `  ${name.padEnd(width)}  ${description}`,
      );
      return `${section.title}:\n${lines.join('\n')}\n`;
    });
  return `Usage: ${usage}\n\n${texts.join('\n')}\nAll take --help.\n`;
}
