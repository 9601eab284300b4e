import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { AccessLog, sourceOf, type AccessEvent } from './access-log.ts';

function setUp() {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>);
  let now = 0;
  const log = new AccessLog(pino({ level: 'trace' }, { write }), () => now);
  return { log, lines, wait: (ms: number) => (now += ms) };
}

const SOURCE = sourceOf({
  ip: '203.0.113.9',
  method: 'POST',
  originalUrl: `/login\u0000\u202e${'x'.repeat(10_000)}?password=secret`,
  socket: {},
} as Parameters<typeof sourceOf>[0]);

test('a line has the address, is of limited length and without the query', () => {
  const { log, lines } = setUp();
  log.note('login', SOURCE, { user: `ama\u001b[31m\n${'x'.repeat(10_000)}`, role: 'viewer' });
  expect(lines).toMatchObject([{ event: 'login', address: '203.0.113.9', method: 'POST', role: 'viewer' }]);
  const text = JSON.stringify(lines);
  expect(text.length).toBeLessThan(700);
  expect(text).not.toMatch(/secret|\\u001b|\\n|\u202e/);
});

test('of what anybody can cause in thousands some have lines, the others a number, and all are counted', () => {
  const { log, lines, wait } = setUp();
  for (let index = 0; index < 1_000; index += 1) log.note('login_failed', SOURCE);
  expect(lines).toHaveLength(120);
  log.note('login', SOURCE, { user: 'ama' });
  log.note('change', SOURCE, { user: 'ama', status: 200 });
  log.note('logout', SOURCE, { user: 'ama' });
  expect(lines.slice(120).map(({ event }) => event)).toEqual(['login', 'change', 'logout']);
  wait(60_000);
  log.note('login_failed', SOURCE);
  expect(lines.slice(123)).toMatchObject([{ leftOut: 880 }, { event: 'login_failed' }]);
  expect(log.counts.get('login_failed')).toBe(1_001);
  const all: AccessEvent[] = [
    'login',
    'login_failed',
    'login_delayed',
    'login_refused',
    'logout',
    'change',
    'change_refused',
  ];
  expect([...log.counts.keys()]).toEqual(all);
});
