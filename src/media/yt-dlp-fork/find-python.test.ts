import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findYtDlpPython } from './find-python.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'sonotheque-python-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const OF_PIP =
  '# -*- coding: utf-8 -*-\nimport re\nimport sys\nfrom yt_dlp import main\nif __name__ == "__main__":\n';

test.each([
  ['a script of pip', `#!/opt/yt-dlp/bin/python3\n${OF_PIP}`, '/opt/yt-dlp/bin/python3'],
  ['one with a version', `#!/usr/bin/python3.11\n${OF_PIP}`, '/usr/bin/python3.11'],
  ['a shell script', '#!/bin/sh\nexec python3 -m yt_dlp "$@"\n', undefined],
  ['another Python program', '#!/usr/bin/python3\nfrom youtube_dl import main\n', undefined],
  ['an interpreter that the PATH gives', `#!/usr/bin/env python3\n${OF_PIP}`, undefined],
  ['an interpreter with options', `#!/usr/bin/python3 -E\n${OF_PIP}`, undefined],
  ['a program in machine code', '\u007fELF\u0002\u0001', undefined],
  ['an archive', '#!/usr/bin/env python3\nPK\u0003\u0004from yt_dlp import main\n', undefined],
  ['an empty file', '', undefined],
])('%s', async (_what, content, python) => {
  const program = path.join(directory, 'yt-dlp');
  await writeFile(program, content, 'latin1');
  expect(await findYtDlpPython(program)).toBe(python);
});

test('a program that does not exist', async () => {
  expect(await findYtDlpPython(path.join(directory, 'missing'))).toBeUndefined();
  expect(await findYtDlpPython('no-such-program-of-this-name')).toBeUndefined();
});
