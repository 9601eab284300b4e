import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Dashboard } from '../../src/dashboard/start-dashboard.ts';
import { OperatorError } from '../../src/domain/job-errors.ts';
import { startTestDashboard } from '../support/dashboard.ts';
import { eventually } from '../support/eventually.ts';
import { TestWorkers } from '../support/job-workers.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

let environment: TestEnvironment;
let dashboard: Dashboard;
let workers: TestWorkers;

beforeEach(async () => {
  environment = await openTestEnvironment();
  workers = new TestWorkers(environment);
  dashboard = await startTestDashboard(environment);
});

afterEach(async () => {
  await dashboard.close();
  await workers.stop();
  await environment.close();
});

const page = async (path: string) => (await fetch(new URL(path, dashboard.url))).text();

test('a pause is shown on the overview and in the metrics as long as it lasts', async () => {
  let isMended = false;
  workers.start('playlist', {
    process: () =>
      isMended
        ? Promise.resolve({ ok: true })
        : Promise.reject(new OperatorError('disk_full', 'No space on <the disk>.')),
  });
  await environment.queues.add('playlist', { playlistId: 'a-playlist' });
  const metric = 'sonotheque_intake_paused_workers{queue="playlist",kind="fault",class="disk_full"} 1';
  await eventually(
    'the metric',
    () => page('/metrics'),
    (text) => text.includes(metric),
  );
  const overview = await page('/');
  expect(overview).toMatch(/playlist\s+has been paused for/);
  expect(overview).toContain('No space on &lt;the disk&gt;.');
  expect(overview).toContain('Free some space');

  isMended = true;
  await eventually(
    'no metric',
    () => page('/metrics'),
    (text) => !text.includes('sonotheque_intake_paused_workers{'),
  );
  expect(await page('/')).not.toMatch(/playlist\s+has been paused for/);
});
