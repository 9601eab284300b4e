import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { claimPidFile } from './pid-file.ts';

const START = { program: 'start.ts', what: 'npm start' };

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'sonotheque-mark-'));
  file = path.join(directory, 'start.pid');
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe('claimPidFile', () => {
  test('writes the file and removes it', () => {
    const release = claimPidFile(file, START);
    expect(existsSync(file)).toBe(true);
    release();
    expect(existsSync(file)).toBe(false);
  });

  test('throws while another npm start is running, and takes over the file of one that was killed', async () => {
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', 'local/start.ts']);
    await once(other, 'spawn');
    writeFileSync(file, String(other.pid));
    expect(() => claimPidFile(file, START)).toThrow('already running here');
    other.kill('SIGKILL');
    await once(other, 'exit');
    claimPidFile(file, START)();
  });

  test('takes over the file when another program has the process id of a killed one', () => {
    writeFileSync(file, String(process.ppid));
    claimPidFile(file, START)();
  });
});
