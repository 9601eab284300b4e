import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';

const MODULE = new URL('run-command.ts', import.meta.url).href;

/** Runs a small service in a process of its own. */
async function runService(body: string, signal?: NodeJS.Signals) {
  const code = `import { runService } from ${JSON.stringify(MODULE)};
    await runService(async ({ stop }) => {
      setInterval(() => undefined, 1_000);
      const stopped = new Promise((resolve) => stop.addEventListener('abort', resolve));
      ${body}
      console.log('ready');
      await stopped;
      console.log('drained');
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (signal !== undefined && text.includes('ready')) child.kill(signal);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  await once(child, 'close');
  return { exitCode: child.exitCode, stdout, stderr };
}

describe('a service', () => {
  test.each([
    ['SIGTERM', 0],
    ['SIGINT', 130],
  ] as const)('ends cleanly on %s, with exit code %i', async (signal, exitCode) => {
    expect(await runService('', signal)).toMatchObject({ exitCode, stdout: 'ready\ndrained\n' });
  });

  test.each([
    ['rejection', "void Promise.reject(new Error('thrown by the test'));"],
    ['error', "setImmediate(() => { throw new Error('thrown by the test'); });"],
  ])('with an uncaught %s prints it, ends cleanly and exits with 1', async (_what, body) => {
    const { exitCode, stdout, stderr } = await runService(body);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: 'ready\ndrained\n' });
    expect(stderr).toContain('thrown by the test');
  });
});
