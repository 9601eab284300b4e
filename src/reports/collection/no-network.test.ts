import { expect, test } from '@jest/globals';
import type { Database } from '../../database/database.ts';
import { readNoNetwork } from './no-network.ts';

type Run = { readonly status: string; readonly error?: { readonly class: string } } | undefined;

const UNREACHED: Run = { status: 'failed', error: { class: 'network' } };

async function messageOf(runs: readonly Run[], disabled = 0): Promise<string | undefined> {
  const sources = [
    ...runs.map((_run, index) => ({ _id: String(index), configured: true })),
    ...Array.from({ length: disabled }, () => ({ _id: 'off', configured: true, disabled_reason: 'no key' })),
    { _id: 'gone', configured: false },
  ];
  const database = {
    sources: { all: () => Promise.resolve(sources) },
    runOverview: { latestEndedOf: (id: string) => Promise.resolve(runs[Number(id)]) },
  } as unknown as Database;
  return (await readNoNetwork(database))?.message;
}

test('a machine whose enabled sources all fail to reach their sites has no network', async () => {
  expect(await messageOf([UNREACHED, UNREACHED, UNREACHED], 1)).toBe(
    'No network: none of the 3 sources of documents can be reached.',
  );
});

test.each<[string, readonly Run[]]>([
  ['one source was reached', [UNREACHED, { status: 'success' }]],
  ['one source fails otherwise', [UNREACHED, { status: 'failed', error: { class: 'source_missing' } }]],
  ['one source has not run yet', [UNREACHED, undefined]],
  ['there is only one source', [UNREACHED]],
  ['there is no source', []],
])('but not when %s', async (_name, runs) => {
  expect(await messageOf(runs)).toBeUndefined();
});
