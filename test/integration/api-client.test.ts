import { execFile } from 'node:child_process';
import { symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ENDPOINTS } from '../../src/dashboard/api/endpoints.ts';
import { API_PATH } from '../../src/dashboard/api/problem.ts';
import type { Dashboard } from '../../src/dashboard/start-dashboard.ts';
import { tokenOf } from '../support/api.ts';
import { openExampleArchive } from '../support/api-archive.ts';
import { exampleInput } from '../support/api-examples.ts';
import { validatorOf } from '../support/api-schemas.ts';
import { startTestDashboard } from '../support/dashboard.ts';
import type { ReconcileEnvironment } from '../support/reconcile-environment.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Development tools are not run in the realm of a test. */
const GENERATOR = fileURLToPath(new URL('../support/generate-api-client.ts', import.meta.url));
const STRICT = ['--strict', '--noEmit', '--skipLibCheck', '--target', 'es2024', '--lib', 'esnext,dom'];
const MODULES = ['--module', 'nodenext', '--moduleResolution', 'nodenext', '--allowImportingTsExtensions'];

/** How a program uses the generated client: it compiles only while the types are right. */
const USE = `
  import { client } from './client/client.gen.ts';
  import { getVideo, listVideos, retryVideo } from './client/sdk.gen.ts';
  client.setConfig({ baseUrl: 'http://localhost:3000/api/v1', auth: 'sonotheque_…' });
  const { data } = await listVideos({ query: { status: 'failed', limit: 10 } });
  for (const { id, title } of data?.items ?? []) {
    const { data: video, error } = await getVideo({ path: { id } });
    const reason: string | undefined = video?.error?.advice ?? error?.detail;
    const again = await retryVideo({ path: { id } });
    console.log(title?.length, reason, again.data?.outcome === 'retried');
  }
  // @ts-expect-error: there is no such status
  await listVideos({ query: { status: 'lost' } });
`;

interface Result {
  readonly data?: unknown;
  readonly error?: unknown;
  readonly response: Response;
}
type Call = (options: Record<string, unknown>) => Promise<Result>;

let environment: ReconcileEnvironment;
let dashboard: Dashboard;
let directory: string;
let sdk: Readonly<Record<string, Call>>;
let isValid: ReturnType<typeof validatorOf>;

beforeAll(async () => {
  environment = await openExampleArchive();
  dashboard = await startTestDashboard(environment, undefined, { azure: environment.config.azure });
  const document: unknown = await (await fetch(new URL(`${API_PATH}/openapi.json`, dashboard.url))).json();
  isValid = validatorOf(document);
  directory = environment.directory;
  const file = path.join(directory, 'openapi.json');
  await writeFile(file, JSON.stringify(document));
  await writeFile(path.join(directory, 'package.json'), '{"type":"module"}');
  await symlink(path.join(ROOT, 'node_modules'), path.join(directory, 'node_modules'));
  const output = path.join(directory, 'client');
  const env = { ...process.env, NODE_OPTIONS: '' };
  await run(process.execPath, [GENERATOR, file, output], { cwd: ROOT, env });
  const load = (name: string) =>
    import(pathToFileURL(path.join(output, name)).href) as Promise<Record<string, unknown>>;
  sdk = (await load('sdk.gen.ts')) as Record<string, Call>;
  const { client } = (await load('client.gen.ts')) as { client: { setConfig(config: object): void } };
  const { authorization } = await tokenOf(environment, 'client', 'operator', null);
  client.setConfig({
    baseUrl: new URL(API_PATH, dashboard.url).href,
    auth: authorization.replace('Bearer ', ''),
  });
}, 60_000);
afterAll(async () => {
  await dashboard.close();
  await environment.close();
});

test('the client that is generated from the document compiles, and so does a program that uses it', async () => {
  await writeFile(path.join(directory, 'use.ts'), USE);
  const arguments_ = [...STRICT, ...MODULES, '--types', 'node', path.join(directory, 'use.ts')];
  const tsc = path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const env = { ...process.env, NODE_OPTIONS: '' };
  const result = await run(process.execPath, [tsc, ...arguments_], { cwd: directory, env }).catch(
    (error: unknown) => error as { stdout: string },
  );
  expect(result.stdout).toBe('');
}, 120_000);

/** Nothing that a later one needs is deleted before. */
const LAST = ['deleteVideo', 'forgetPlaylist', 'revokeFeedAddress', 'revokeToken'];
const inOrder = ENDPOINTS.toSorted((one, other) => LAST.indexOf(one.id) - LAST.indexOf(other.id));

describe('called by the client', () => {
  test.each(inOrder.map((endpoint) => [endpoint.id, endpoint] as const))(
    '%s succeeds, as declared',
    async (id, endpoint) => {
      const call = sdk[id];
      if (call === undefined) throw new Error(`The client has no ${id}.`);
      const { data, error, response } = await call({ ...exampleInput(endpoint), headers: { accept: '*/*' } });
      expect(error).toBeUndefined();
      expect(response.status).toBe(endpoint.status ?? 200);
      if (endpoint.answer !== undefined) expect(isValid(endpoint, data)).toEqual([]);
      else expect(response.headers.get('content-type')).toContain(endpoint.file?.replace('*', ''));
    },
  );

  test('the client has every operation and no other', () => {
    expect(Object.keys(sdk).toSorted()).toEqual(ENDPOINTS.map(({ id }) => id).toSorted());
  });
});
