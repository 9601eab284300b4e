import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import process from 'node:process';
import { describe, expect, test } from '@jest/globals';
import { listenOnFreePort } from '../../local/listen.ts';
import { childrenOf, commandOf, listenerOf, processTimes, residentMegabytesOf } from './process-times.ts';

// Reads /proc, which other systems lack.
(process.platform === 'linux' ? describe : describe.skip)('what /proc tells of a process', () => {
  test('the times of children that were waited for are told apart from its own', () => {
    const before = processTimes(process.pid);
    execFileSync('sh', ['-c', 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done']);
    const { own, endedChildren } = processTimes(process.pid);
    expect(endedChildren - before.endedChildren).toBeGreaterThan(0.05);
    expect(own).toBeGreaterThanOrEqual(before.own);
    expect(residentMegabytesOf(process.pid)).toBeGreaterThan(10);
    expect(commandOf(process.pid)).toContain('node');
  });

  test('one that has ended has no times, no children and no command', () => {
    const gone = 2 ** 22 + 1;
    expect(processTimes(gone)).toEqual({ own: 0, endedChildren: 0 });
    expect(childrenOf(gone)).toEqual([]);
    expect(commandOf(gone)).toBe('');
  });

  test('a server is found by its port', async () => {
    const server = createServer();
    const port = await listenOnFreePort(server);
    expect(listenerOf(port)).toBe(process.pid);
    await new Promise((resolve) => server.close(resolve));
    expect(listenerOf(port)).toBeUndefined();
  });
});
