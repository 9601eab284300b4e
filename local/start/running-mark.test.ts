import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { markAsRunning } from './running-mark.ts';

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'sonotheque-mark-'));
  file = path.join(directory, 'start.pid');
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe('markAsRunning', () => {
  test('marks and unmarks', () => {
    const unmark = markAsRunning(file);
    expect(existsSync(file)).toBe(true);
    unmark();
    expect(existsSync(file)).toBe(false);
  });

  test('refuses while another start runs, and takes over from one that was killed', async () => {
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', 'local/start.ts']);
    await once(other, 'spawn');
    writeFileSync(file, String(other.pid));
    expect(() => markAsRunning(file)).toThrow('running here already');
    other.kill('SIGKILL');
    await once(other, 'exit');
    markAsRunning(file)();
  });

  test('takes over when another program got the number of a killed one', () => {
    writeFileSync(file, String(process.ppid));
    markAsRunning(file)();
  });
});
