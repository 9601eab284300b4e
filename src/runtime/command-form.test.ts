import { describe, expect, test } from '@jest/globals';
import { commandsAsTyped, exampleAsTyped } from './command-form.ts';

const COMPOSE = 'docker compose run --rm cli';

describe('commandsAsTyped', () => {
  test.each([
    ['Run `npm run doctor`.', 'Run `docker compose run --rm cli doctor`.'],
    [
      '`npm run retry -- --class extraction` tries',
      '`docker compose run --rm cli retry --class extraction` tries',
    ],
    ['`npm run update-yt-dlp`', '`docker compose run --rm cli update-yt-dlp`'],
    ['<code>npm run enqueue</code>', '<code>docker compose run --rm cli enqueue</code>'],
    ['`npm run status --silent -- --json`', '`docker compose run --rm cli status --json`'],
    ['two: `npm run status`, `npm run health`', `two: \`${COMPOSE} status\`, \`${COMPOSE} health\``],
    // Words from outside: a title is not rewritten.
    ['How npm run build works', 'How npm run build works'],
    ['`npm start`', '`npm start`'],
  ])('%s', (text, expected) => {
    expect(commandsAsTyped(text, COMPOSE)).toBe(expected);
  });

  test('without a prefix the texts stay as they are', () => {
    expect(commandsAsTyped('`npm run doctor`', undefined)).toBe('`npm run doctor`');
  });
});

describe('exampleAsTyped', () => {
  test.each([
    [COMPOSE, 'npm run retry -- ID', 'docker compose run --rm cli retry ID'],
    [
      COMPOSE,
      'A=1 B=… npm run snapshot -- --at f',
      'docker compose run --env A=1 --env B=… --rm cli snapshot --at f',
    ],
    ['sonotheque', 'A=1 npm run snapshot -- --at f', 'A=1 sonotheque snapshot --at f'],
    [
      'sonotheque',
      'cat lines.txt | npm run enqueue -- - --dry-run',
      'cat lines.txt | sonotheque enqueue - --dry-run',
    ],
    [
      'npx sonotheque',
      "npm run status --silent -- --json | jq '.videos'",
      "npx sonotheque status --json | jq '.videos'",
    ],
  ])('with %s: %s', (prefix, text, expected) => {
    expect(exampleAsTyped(text, prefix)).toBe(expected);
  });
});
