import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createCommand } from './run-command.ts';
import { refuseSwallowedOptions } from './npm-options.ts';

const OPTIONS = [{ long: '--json' }, { long: '--dry-run' }, { long: '--no-live' }, { long: '--prefix' }];
const npm = (variables: Record<string, string>) => ({ npm_lifecycle_event: 'videos', ...variables });

describe('an option that npm took', () => {
  test.each([
    [{ npm_config_json: 'true' }, '--json'],
    [{ npm_config_dry_run: 'true' }, '--dry-run'],
    // `--no-live` and `--status failed`, of which the value is left as a word.
    [{ npm_config_live: '' }, '--no-live'],
    [{ npm_config_json: 'true', npm_config_dry_run: 'true' }, '--json --dry-run'],
  ])('%j is told with how to write it', (variables, list) => {
    expect(() => {
      refuseSwallowedOptions('videos', OPTIONS, npm(variables));
    }).toThrow(
      expect.objectContaining({
        exitCode: 2,
        message: `npm took ${list} for itself: put -- before the options, as in \`npm run videos -- ${list}\`.`,
      }),
    );
  });

  test.each([
    ['none was given', {}],
    ['npm sets it for every script', { npm_config_prefix: '/usr' }],
    [
      'it is of another script, which runs this command',
      { npm_lifecycle_event: 'test', npm_config_json: 'true' },
    ],
  ])('nothing is refused when %s', (_what, variables) => {
    refuseSwallowedOptions('videos', OPTIONS, npm(variables));
  });

  test('a short one', () => {
    expect(() => {
      refuseSwallowedOptions(
        'videos',
        [{ short: '-c', long: '--concurrency' }],
        npm({ npm_config_call: 'x' }),
      );
    }).toThrow('npm took --concurrency for itself');
  });
});

describe('what a person has set for npm', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'sonotheque-npmrc-'));
    writeFileSync(path.join(directory, '.npmrc'), 'registry=https://example.org/\n dry-run = true\n');
  });
  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  test('in a file of npm is no option of the command', () => {
    const variables = npm({
      npm_config_dry_run: 'true',
      npm_config_userconfig: path.join(directory, '.npmrc'),
    });
    refuseSwallowedOptions('videos', OPTIONS, variables);
    expect(() => {
      refuseSwallowedOptions('videos', OPTIONS, { ...variables, npm_config_json: 'true' });
    }).toThrow('npm took --json for itself');
  });
});

test('every command tells of it', () => {
  const own = { event: process.env['npm_lifecycle_event'], json: process.env['npm_config_json'] };
  process.env['npm_lifecycle_event'] = 'status';
  process.env['npm_config_json'] = 'true';
  try {
    const command = createCommand('status', 'Shows.', []).option('--json', 'print JSON');
    expect(() => command.parse([], { from: 'user' })).toThrow('npm took --json for itself');
  } finally {
    restore('npm_lifecycle_event', own.event);
    restore('npm_config_json', own.json);
  }
});

function restore(name: string, value: string | undefined): void {
  if (value === undefined) Reflect.deleteProperty(process.env, name);
  else process.env[name] = value;
}
