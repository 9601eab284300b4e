import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { appendVersionLog, collectionEnded, collectionStarted, versionLogLine } from './version-log.ts';

const fail = (error: Error) => {
  throw error;
};
const AT = new Date('2026-03-29T01:02:03.456Z');

describe('a line of the version log', () => {
  test('has the form that readers of the log expect', () => {
    expect(versionLogLine('COLLECTE_JOURNALIERE_FIN', collectionEnded(12), AT)).toBe(
      '- **2026-03-29 01:02:03 UTC** | `COLLECTE_JOURNALIERE_FIN` | +12 nouveaux documents en 24h\n',
    );
  });

  test('names the sources of a collection that is not one of all', () => {
    expect(collectionStarted([])).toBe('Démarrage script collecte quotidienne');
    expect(collectionStarted(['news', 'weather'])).toBe(
      'Démarrage script collecte quotidienne (news, weather)',
    );
  });

  test('stays one line, and short, whatever the details say', () => {
    const line = versionLogLine('MONGO_SNAPSHOT_ERROR', `first\nsecond ${'x'.repeat(300)}`, AT);
    expect(line.match(/\n/g)).toHaveLength(1);
    expect(line).toContain('first second x');
    expect(line.length).toBeLessThan(170);
  });
});

describe('the file', () => {
  let directory = '';
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'version-log-'));
  });
  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  test('has one header and only grows, also when several processes write at once', async () => {
    const file = path.join(directory, 'deeper', 'LOG.md');
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        appendVersionLog(file, 'MONGO_SNAPSHOT', `name-${String(index)} — note`, fail, AT),
      ),
    );
    const text = await readFile(file, 'utf8');
    const [header, empty, ...lines] = text.trimEnd().split('\n');
    expect(header).toBe('# 📘 Historique des versions DataSens');
    expect(empty).toBe('');
    expect(new Set(lines).size).toBe(20);
  });

  test('an unwritable file is reported, and stops nothing', async () => {
    const messages: string[] = [];
    const report = ({ message }: Error) => messages.push(message);
    await appendVersionLog(directory, 'MONGO_SNAPSHOT', 'x', report, AT);
    expect(messages).toEqual([`The version log ${directory} cannot be written.`]);
  });
});
