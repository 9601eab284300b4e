import { describe, expect, test } from '@jest/globals';
import { NO_COUNTS } from '../../database/collections/run.ts';
import { en, type Messages } from '../../text/messages/en.ts';
import { messagesOf } from '../../text/messages/messages-of.ts';
import { writeDigest } from './digest.ts';
import { evaluateSource } from './health.ts';
import { formatReportHtml } from './report-html.ts';
import { formatReportMarkdown } from './report-markdown.ts';
import type { CollectionReport } from './report.ts';

const HOUR = 3_600_000;
const AT = new Date('2026-05-10T07:00:00Z');
const HOSTILE = '<script>alert(1)</script> | [x](http://evil.example) `rm`\nsecond line';

const HEALTH = evaluateSource(
  {
    id: 'news',
    kind: 'rss',
    label: HOSTILE,
    schedule: { pattern: '0 * * * *', timeZone: 'Europe/Paris' },
    freshness: { warnAfterMs: 3 * HOUR, errorAfterMs: 24 * HOUR },
    disabledReason: undefined,
  },
  {
    documents: 25_047,
    lastRunAt: AT,
    lastSuccessAt: undefined,
    lastNewItemAt: undefined,
    consecutiveFailures: 1,
    lastRun: {
      status: 'failed',
      counts: NO_COUNTS,
      parts: [],
      error: { class: 'network', message: 'The feed is gone.', advice: 'Check it.', at: AT },
    },
    unreadParts: [],
  },
  AT,
);

const REPORT: CollectionReport = {
  at: AT,
  from: new Date(AT.getTime() - 24 * HOUR),
  to: AT,
  totals: { documents: 25_047, inserted: 12, new: 10, updated: 2, duplicate: 300, rejected: 4, media: 1 },
  sources: [
    {
      id: 'news',
      kind: 'rss',
      label: HOSTILE,
      state: HEALTH.state,
      documents: 25_047,
      runs: { running: 0, success: 20, partial: 3, failed: 1, skipped: 0 },
      counts: { ...NO_COUNTS, seen: 316, new: 10, updated: 2, duplicate: 300, rejected: 4, media: 1 },
      bytes: 1_234_567,
    },
  ],
  kinds: [{ kind: 'rss', documents: 25_047, inserted: 12 }],
  growth: [
    { day: '2026-05-09', inserted: 0 },
    { day: '2026-05-10', inserted: 12 },
  ],
  rejects: [{ sourceId: 'news', label: 'Actualités', reason: 'no_title', count: 4 }],
  problems: [
    { sourceId: 'news', label: 'Actualités', at: AT, part: 'Le Monde', class: 'network', message: HOSTILE },
  ],
  health: [HEALTH],
  audio: {
    videos: {
      total: 3,
      discovered: 0,
      downloaded: 0,
      stored: 1,
      mirrored: 2,
      retrying: 0,
      failed: 0,
      skipped: 0,
    },
    hours: 1.25,
    bytes: 2_000_000,
    unmirrored: 1,
  },
  snapshot: { name: 'a.archive.gz', at: AT, sizeBytes: 10, verifiedAt: null },
};

describe('the page', () => {
  const page = formatReportHtml(REPORT, en);

  test('has a sentence instead of a chart when nothing was added', () => {
    const growth = REPORT.growth.map(({ day }) => ({ day, inserted: 0 }));
    expect(formatReportHtml({ ...REPORT, growth }, en)).toContain('None from 2026-05-09 to 2026-05-10.');
  });

  test('is self-contained', () => {
    expect(page).not.toMatch(/<(script|link|img|iframe|base|form)\b/i);
    expect(page).not.toMatch(/\b(src|href|action)=/i);
    expect(page).not.toMatch(/url\(|@import/i);
  });

  test('escapes texts from outside', () => {
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).not.toContain('<script>');
  });

  test('shows totals, growth, rejected items, problems, health and audio', () => {
    for (const text of [
      '25,047',
      '2026-05-10: 12',
      'no_title',
      'Le Monde',
      'never collected',
      '1.3 h',
      '1.2 MB',
    ]) {
      expect(page).toContain(text);
    }
  });
});

describe.each<[string, (messages: Messages) => string]>([
  ['the page', (messages) => formatReportHtml(REPORT, messages)],
  ['the Markdown', (messages) => formatReportMarkdown(REPORT, messages)],
  ['the digest', (messages) => writeDigest(REPORT, messages).text],
])('%s in French', (_name, write) => {
  const french = write(messagesOf('fr')).replaceAll(/[\u00a0\u202f]/g, ' ');

  test('has the period, numbers and states in French', () => {
    for (const text of [
      '09/05/2026 07:00 UTC au 10/05/2026 07:00 UTC',
      '25 047',
      'jamais collectée',
      'La connexion a échoué.',
    ]) {
      expect(french).toContain(text);
    }
  });

  test('has no English sentence but the error messages of programs', () => {
    const own = french.replaceAll('The feed is gone.', '').replaceAll(/<style>[^<]*<\/style>|<[^<>]*>/g, '');
    expect(own).not.toMatch(/\b(the|of|to|and|is|was|not|never|new|none|failed|stored|verified)\b/i);
  });
});

test('problems and rejected items are shown with the label of their source, not its id', () => {
  expect(formatReportHtml(REPORT, en)).toContain('Actualités');
  expect(formatReportMarkdown(REPORT, en)).toMatch(/Actualités, Le Monde: .*\n/);
  expect(writeDigest(REPORT, en).text).toMatch(/^Actualités, Le Monde: /m);
});

describe('the Markdown', () => {
  const lines = formatReportMarkdown(REPORT, en).split('\n');

  test('escapes texts from outside within their cells', () => {
    const row = lines.find((line) => line.includes('25,047 |')) ?? '';
    expect(row.replaceAll('\\|', '').split('|')).toHaveLength(10);
    expect(row).toContain('\\<script\\>');
    expect(row).toContain('\\[x\\]');
  });

  test('contains the totals of the period', () => {
    expect(lines.join('\n')).toContain('New: **10**, updated: 2, duplicates: 300, rejected: 4');
  });
});

describe('the digest', () => {
  const digest = writeDigest(REPORT, en);

  test('has a title that fits a header', () => {
    expect(digest.title).toBe('Collection: +12 documents, 1 unhealthy');
    expect(digest.title).toMatch(/^[ -~]+$/);
  });

  test('lists the new documents and the unhealthy sources, one line each', () => {
    expect(digest.text).toContain(
      '10 new documents, 2 updated, 300 duplicates, 4 rejected; 25,047 in total.',
    );
    expect(digest.text).toContain('never collected. The feed is gone. The connection failed.');
    expect(digest.text.split('\n').every((line) => line.length < 400)).toBe(true);
  });
});
