import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { expect, test } from '@jest/globals';
import { writeEnvironmentFile } from './environment-file.ts';

test('Node reads the variables that were written, and only the owner may read the file', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'sonotheque-env-'));
  try {
    const file = path.join(directory, 'env');
    const variables = {
      PLAIN: 'redis://:p#w@h:1',
      QUOTED: `--extractor-args 'a;b=c'`,
      BOTH: `it's "so" = \\n`,
    };
    writeEnvironmentFile(file, variables);
    expect(parseEnv(readFileSync(file, 'utf8'))).toEqual(variables);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
