import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startDashboard, type Dashboard } from '../../src/dashboard/start-dashboard.ts';
import { OperatorError } from '../../src/domain/job-errors.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';
import { eventually } from '../support/eventually.ts';
import { TestWorkers } from '../support/job-workers.ts';
import { openTestSetting, type TestEnvironment } from '../support/test-environment.ts';

let setting: TestEnvironment;
let dashboard: Dashboard;
let workers: TestWorkers;

beforeEach(async () => {
  setting = await openTestSetting();
  workers = new TestWorkers(setting);
  dashboard = await startDashboard({
    config: { dashboard: { host: '127.0.0.1', port: 0, credentials: undefined }, azure: undefined },
    database: setting.database,
    queues: setting.queues,
    logger: createSilentLogger(),
  });
});

afterEach(async () => {
  await dashboard.close();
  await workers.stop();
  await setting.close();
});

const page = async (path: string) => (await fetch(new URL(path, dashboard.url))).text();

test('a pause is on the overview and in the metrics for as long as it lasts', async () => {
  let isMended = false;
  workers.start('playlist', {
    process: () =>
      isMended
        ? Promise.resolve({ ok: true })
        : Promise.reject(new OperatorError('disk_full', 'No space on <the disk>.')),
  });
  await setting.queues.addPlaylist('a-playlist');
  const metric = 'sonotheque_intake_paused_workers{queue="playlist",kind="fault",class="disk_full"} 1';
  await eventually(
    'the metric',
    () => page('/metrics'),
    (text) => text.includes(metric),
  );
  const overview = await page('/');
  expect(overview).toMatch(/playlist\s+paused for/);
  expect(overview).toContain('No space on &lt;the disk&gt;.');
  expect(overview).toContain('Free some space');

  isMended = true;
  await eventually(
    'no metric',
    () => page('/metrics'),
    (text) => !text.includes('sonotheque_intake_paused_workers{'),
  );
  expect(await page('/')).not.toMatch(/playlist\s+paused for/);
});
