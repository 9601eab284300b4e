import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Dashboard } from '../../src/dashboard/start-dashboard.ts';
import { startTestDashboard } from '../support/dashboard.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { egressLedgerOf } from '../../src/egress/egress-ledger.ts';

let environment: TestEnvironment;
let dashboard: Dashboard;
beforeEach(async () => {
  environment = await openTestEnvironment({
    EGRESS: 'home: budget=300; office: proxy=socks5://user:secret-word@10.0.0.2:1080',
  });
  dashboard = await startTestDashboard(environment);
});
afterEach(async () => {
  await dashboard.close();
  await environment.close();
});

test('overview, metrics and API show the state of each egress address, and only its name', async () => {
  const egress = egressLedgerOf(environment.queues);
  const grant = await egress.acquire(environment.config.egress.addresses, 'download', 1_000);
  if ('waitMs' in grant) throw new Error('the first start was not granted');
  await egress.report(
    grant,
    { kind: 'refused', reason: 'bot_check', restAtLeastMs: 0 },
    { minRestMs: 600_000, maxRestMs: 600_000 },
  );
  const read = async (path: string) => await (await fetch(new URL(path, dashboard.url))).text();

  const metrics = await read('/metrics');
  expect(metrics).toContain('sonotheque_egress_circuit{egress="home",state="open"} 1');
  expect(metrics).toContain('sonotheque_egress_circuit{egress="home",state="closed"} 0');
  expect(metrics).toContain('sonotheque_egress_circuit{egress="office",state="closed"} 1');
  expect(metrics).toMatch(/sonotheque_egress_rest_seconds\{egress="home"\} (600|59\d)/);
  expect(metrics).toContain('sonotheque_egress_starts_last_hour{egress="home"} 1');
  expect(metrics).toContain('sonotheque_egress_budget_starts_per_hour{egress="home"} 300');
  expect(metrics).not.toContain('sonotheque_egress_budget_starts_per_hour{egress="office"}');

  const page = (await read('/')).replaceAll(/\s+/g, ' ');
  expect(page).toMatch(/<td[^>]*>home<\/td> <td[^>]* class="warn">rests, 10 min more<\/td>/);
  expect(page).toContain('bot_check');

  const status = JSON.parse(await read('/api/status')) as { egress: unknown };
  expect(status.egress).toMatchObject([
    { identity: 'home', state: 'open', reason: 'bot_check', budgetPerHour: 300, usedLastHour: 1 },
    { identity: 'office', state: 'closed', until: null, reason: null, budgetPerHour: null, usedLastHour: 0 },
  ]);
  for (const text of [metrics, page, JSON.stringify(status)]) expect(text).not.toContain('secret-word');
});
