import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { COMMANDS } from './commands.mjs';
import { compileCacheOf } from './compile-cache.mjs';
import { ROOT } from './paths.mjs';

const kindOf = (program: string) => {
  const source = readFileSync(path.join(ROOT, program), 'utf8');
  if (source.includes('saveMemory(')) return 'its own flags';
  const isSmall = source.includes('runService(') || source.includes('keepHeapSmall(');
  return isSmall ? 'a small young generation' : 'no flags';
};

// V8 refuses what was compiled with other flags, and Node replaces it: the two commands would undo each other's work.
test('commands with the same V8 flags, and no others, share a compile cache', () => {
  const programs = Object.entries(COMMANDS).filter(([, { program }]) => program.startsWith('src/cli/'));
  const kinds = programs.map(([name, { program }]) => ({
    cache: compileCacheOf(name),
    kind: kindOf(program),
  }));
  const kindsOfCaches = Map.groupBy(kinds, ({ cache }) => cache);
  for (const entries of kindsOfCaches.values()) expect(new Set(entries.map(({ kind }) => kind)).size).toBe(1);
  expect(new Set(kinds.map(({ kind }) => kind)).size).toBe(kindsOfCaches.size);
});
