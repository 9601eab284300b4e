import { formatTextTable } from '../../text/text-table.ts';
import type { Finding } from './finding.ts';

const MARKS = { ok: 'ok', missing: 'MISSING', off: 'off' } as const satisfies Record<
  Finding['state'],
  string
>;

/** The findings as a table for people, with what to do below it. */
export function formatFindings(findings: readonly Finding[]): string {
  const table = formatTextTable(
    ['', 'NAME', 'FOUND', 'NEEDED', 'WHERE'].map((heading) => ({ heading })),
    findings.map((finding) => [
      MARKS[finding.state],
      finding.name,
      finding.found === '' ? '-' : finding.found,
      finding.needed,
      finding.where,
    ]),
  );
  const advice = findings
    .filter((finding) => finding.advice !== '')
    .map((finding) => `${finding.name}: ${finding.advice}`);
  return advice.length === 0 ? `${table}\n` : `${table}\n\n${advice.join('\n')}\n`;
}
