import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const MODULE = new URL('./logger.ts', import.meta.url).href;
const PROGRAM = `
  const { createLogger } = await import(${JSON.stringify(MODULE)});
  const cause = new Error('GET https://ann:secret-word@a.example/feed?token=secret-word#secret-word failed');
  const logger = createLogger('info', { worker: 'w' });
  logger.info({ url: 'https://a.example/x?token=secret-word', nested: { list: ['http://secret-word@b.example'] } }, 'see https://a.example/?secret-word');
  logger.error({ err: new Error('outer', { cause }) }, 'failed');
`;

test('no line of a log has what is secret in an address', async () => {
  const { stderr } = await promisify(execFile)(process.execPath, [
    ...['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', PROGRAM],
  ]);
  const lines = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(lines).toMatchObject([
    { url: 'https://a.example/x', nested: { list: ['http://b.example'] }, msg: 'see https://a.example/' },
    { msg: 'failed' },
  ]);
  expect(stderr).toContain('https://a.example/feed failed');
  expect(stderr).not.toContain('secret-word');
});
