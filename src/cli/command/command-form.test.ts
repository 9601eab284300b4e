import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { IMAGE_COMMANDS } from '../../../local/setup/commands.mjs';
import { createCommand } from './run-command.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** In comments nothing is shown to anybody, and these are texts that are changed as a whole: help and examples. */
const NOT_SHOWN = /^\s*(\*|\/\/|\/\*)/;

test('a message names a command between backticks, so that it can be written as it is typed where it is read', () => {
  const files = globSync(['src/**/*.ts', 'local/update-yt-dlp/*.ts'], {
    cwd: ROOT,
    exclude: ['**/*.test.ts', '**/command-form.ts'],
  });
  const unmarked = files.flatMap((file) =>
    readFileSync(`${ROOT}/${file}`, 'utf8')
      .split('\n')
      .filter((line) => !NOT_SHOWN.test(line))
      .flatMap((line) =>
        [...line.matchAll(/(.?)npm run ([a-z][a-z-]*)/g)].map(([whole, before]) => ({
          file,
          line,
          whole,
          before,
        })),
      )
      .filter(({ before, line }) => before !== '`' && !line.includes('<code>npm run') && !isExample(line)),
  );
  expect(unmarked.map(({ file, line }) => `${file}: ${line.trim()}`)).toEqual([]);
});

/** A line of a list of examples, which is nothing but a command. */
function isExample(line: string): boolean {
  return /^\s*\[?['"`](\w+=\S+ )*(cat \S+ \| )?npm run |, ['"](\w+=\S+ )*npm run |description:|^\s*'Encrypts/.test(
    line,
  );
}

test('help names the command as it is typed in a container', () => {
  const own = process.env['COMMAND_PREFIX'];
  process.env['COMMAND_PREFIX'] = 'docker compose run --rm cli';
  try {
    const help = createCommand('status', 'Shows.', ['npm run status -- --watch']).helpInformation();
    expect(help).toContain('Usage: docker compose run --rm cli status');
  } finally {
    if (own === undefined) delete process.env['COMMAND_PREFIX'];
    else process.env['COMMAND_PREFIX'] = own;
  }
});

test('the image has every command of the program', () => {
  const files = globSync('src/cli/*.ts', { cwd: ROOT }).map((file) =>
    file.slice('src/cli/'.length, -'.ts'.length),
  );
  expect(Object.keys(IMAGE_COMMANDS).sort()).toEqual([...files, 'update-yt-dlp'].sort());
});
