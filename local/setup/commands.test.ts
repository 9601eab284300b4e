import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { COMMANDS, planOf } from './commands.mjs';
import { ROOT } from './paths.mjs';

// Without `exec` the shell of npm stays between npm and the launcher, and passes no signal on.
test('package.json has a script for every command, which replaces the shell', () => {
  const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
    scripts: unknown;
  };
  expect(scripts).toEqual(
    Object.fromEntries(Object.keys(COMMANDS).map((name) => [name, `exec node local/launch.mjs ${name}`])),
  );
});

test('every file of src/cli is a command, and every program exists', () => {
  const files = readdirSync(path.join(ROOT, 'src/cli')).filter((file) => file.endsWith('.ts'));
  const programs = Object.values(COMMANDS).map(({ program }) => program);
  expect(programs.filter((program) => program.startsWith('src/cli/')).sort()).toEqual(
    files.map((file) => `src/cli/${file}`).sort(),
  );
  expect(programs.filter((program) => !existsSync(path.join(ROOT, program)))).toEqual([]);
});

test.each([
  ['staus', 'status'],
  ['dashbord', 'dashboard'],
  ['playlist', 'playlists'],
  ['worker ', 'worker'],
  ['colect', 'collect'],
])('%s is answered with the nearest command', (name, meant) => {
  expect(() => planOf(name, [])).toThrow(
    `There is no command "${name}". Did you mean "${meant}"? There are: `,
  );
});

test.each(['xy', 'something', '?', 'a'.repeat(1_000_000)])(
  'nothing is suggested for a word that is far from all',
  (name) => {
    expect(() => planOf(name, [])).toThrow(/^There is no command "[^"]*"\. There are: /);
  },
);

test('an unknown command is a usage error that names the known ones', () => {
  expect(() => planOf('constructor', [])).toThrow(/There is no command "constructor".*demo.*enqueue/);
});

test('a command runs its program with its arguments', () => {
  const jest = path.join(ROOT, 'node_modules/jest/bin/jest.js');
  expect(planOf('test:unit', ['src/text'])).toEqual({
    needs: 'packages',
    program: jest,
    nodeOptions: ['--experimental-vm-modules'],
    moreArguments: ['--maxWorkers=6', '--selectProjects', 'unit'],
    runsHere: false,
  });
  const program = path.join(ROOT, 'local/start.ts');
  expect(planOf('start', [])).toMatchObject({ needs: 'everything', program, runsHere: false });
});

test('only the commands of the program run in the process of the launcher', () => {
  const plans = Object.keys(COMMANDS).map((name) => ({ name, plan: planOf(name, []) }));
  const here = plans.filter(({ plan }) => 'runsHere' in plan && plan.runsHere).map(({ name }) => name);
  expect(here).toEqual(
    Object.entries(COMMANDS)
      .filter(([, { program }]) => program.startsWith('src/cli/'))
      .map(([name]) => name),
  );
});

test.each(['start', 'test', 'test:unit', 'check', 'format', 'bench'])('%s --help is only a text', (name) => {
  expect(planOf(name, ['--help'])).toEqual({
    help: expect.stringContaining(COMMANDS[name]?.description ?? '?'),
  });
});

test('programs that answer --help need only the packages for it; after -- it is an argument', () => {
  expect(planOf('demo', ['--json', '-h'])).toMatchObject({ needs: 'packages' });
  expect(planOf('demo', ['--', '--help'])).toMatchObject({ needs: 'everything-local' });
});

test('the launcher itself lists all commands', () => {
  expect(planOf('--help', [])).toEqual({ help: expect.stringMatching(/demo +Runs[^]*collect +Collects/) });
});
