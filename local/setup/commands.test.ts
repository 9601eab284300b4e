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

test('an unknown command is a usage error that names the known ones', () => {
  expect(() => planOf('constructor', [])).toThrow(/There is no command "constructor".*demo.*enqueue/);
});

test('a command runs its program with its arguments', () => {
  const jest = path.join(ROOT, 'node_modules/jest/bin/jest.js');
  expect(planOf('test:unit', ['src/text'])).toEqual({
    needs: 'packages',
    args: ['--experimental-vm-modules', jest, 'src/text', '--maxWorkers=6', '--selectProjects', 'unit'],
  });
  expect(planOf('start', [])).toEqual({ needs: 'everything', args: [path.join(ROOT, 'local/start.ts')] });
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
