import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { COMMANDS } from '../../local/setup/commands.mjs';
import { environmentSchema } from '../../src/config/environment.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const DIRECTORY = path.join(ROOT, 'deploy/systemd');
/** Where docs/operations.md puts the checkout. */
const INSTALLED = '/opt/sonotheque';
const units = readdirSync(DIRECTORY).map((name) => ({
  name,
  text: readFileSync(path.join(DIRECTORY, name), 'utf8'),
}));
const services = units.filter(({ name }) => name.endsWith('.service'));
const canVerify = spawnSync('systemd-analyze', ['--version']).status === 0;
if (!canVerify)
  process.stderr.write('SKIPPED: systemd-analyze is not here, so the units are not verified.\n');

describe('deploy/systemd', () => {
  (canVerify ? test : test.skip)('systemd finds no fault in the units', () => {
    const copies = mkdtempSync(path.join(tmpdir(), 'sonotheque-units-'));
    try {
      for (const { name, text } of units)
        writeFileSync(path.join(copies, name), text.replaceAll(INSTALLED, ROOT));
      const files = units.map(({ name }) => path.join(copies, name.replace('@.', '@1.')));
      writeFileSync(
        path.join(copies, 'sonotheque-worker@1.service'),
        readFileSync(path.join(copies, 'sonotheque-worker@.service')),
      );
      const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...files], { encoding: 'utf8' });
      // Of other units of the machine it complains as well.
      expect(stderr.split('\n').filter((line) => line.includes('sonotheque'))).toEqual([]);
    } finally {
      rmSync(copies, { recursive: true });
    }
  });

  test.each(services)('$name starts a command, with variables that the program reads', ({ text }) => {
    const command = /^ExecStart=\/opt\/sonotheque\/local\/launch\.mjs (\S+)/m.exec(text)?.[1] ?? '?';
    expect(Object.keys(COMMANDS)).toContain(command);
    const known = new Set([...Object.keys(environmentSchema.shape), 'NODE_ENV', 'COMMAND_PREFIX', 'QUEUES']);
    const assigned = [...text.matchAll(/(?:^Environment=|[ "])([A-Z_]+)=/gm)].map(([, name = '']) => name);
    expect(assigned.filter((name) => !known.has(name))).toEqual([]);
  });

  test('workers have more time to stop than they take', () => {
    const unit = units.find(({ name }) => name === 'sonotheque-worker@.service');
    const graceSeconds = environmentSchema.shape.SHUTDOWN_GRACE_SECONDS.parse(undefined);
    expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit?.text ?? '')?.[1])).toBeGreaterThan(graceSeconds + 10);
  });

  test.each(services)('$name may write only where it must', ({ text }) => {
    expect(text).toMatch(/^NoNewPrivileges=yes$/m);
    expect(text).toMatch(/^ProtectSystem=strict$/m);
    expect(text).toMatch(/^User=sonotheque$/m);
  });
});
