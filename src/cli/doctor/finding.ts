import { formatTextTable } from '../../text/tables.ts';
import { withShownAddresses } from '../../domain/shown-address.ts';

/** What the doctor found out about one tool or server. */
export interface Finding {
  readonly name: string;
  /** `warning`: it works, but something should be done soon. */
  readonly state: 'ok' | 'warning' | 'missing' | 'off';
  /** The version and, for servers, the relevant settings. Empty when nothing was found. */
  readonly found: string;
  readonly needed: string;
  /** The path of a program, or the host and port of a server, without a login. */
  readonly where: string;
  /** What to do, or what else is useful to know. Empty when all is well. */
  readonly advice: string;
}

/** A finding about something required; the advice is for when it is missing. */
export function checked(isOk: boolean, finding: Omit<Finding, 'state'>): Finding {
  return { ...finding, state: isOk ? 'ok' : 'missing', advice: isOk ? '' : finding.advice };
}

/** Whether a dotted version is at least another one; missing parts count as 0. */
export function isAtLeast(version: string, least: string): boolean {
  const parts = version.split('.').map((part) => Number.parseInt(part, 10) || 0);
  for (const [index, wanted] of least.split('.').map(Number).entries()) {
    const part = parts[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}

/** The host and port of a URL, without its login. */
export function hostOf(url: string): string {
  // The URL class does not accept several hosts (mongodb://a,b/).
  const authority = /^[a-z0-9+]+:\/\/(?:[^@/]*@)?([^/?]*)/i.exec(url)?.[1];
  return authority === undefined || authority === '' ? '?' : authority;
}

/** The first line of an error's message, with addresses as `shownAddress` has them. */
export function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const line = withShownAddresses(message.split('\n', 1)[0] ?? '');
  return line === '' ? 'no reason given' : line;
}

const MARKS = { ok: 'ok', warning: 'WARNING', missing: 'MISSING', off: 'off' } as const satisfies Record<
  Finding['state'],
  string
>;

/** The findings as a table, with the advice below it. */
export function formatFindings(findings: readonly Finding[]): string {
  const table = formatTextTable(
    ['', 'NAME', 'FOUND', 'NEEDED', 'WHERE'],
    findings.map(({ state, name, found, needed, where }) => [
      MARKS[state],
      name,
      found === '' ? '-' : found,
      needed,
      where,
    ]),
  );
  const advice = findings.filter((finding) => finding.advice !== '');
  if (advice.length === 0) return table;
  return `${table}\n\n${advice.map((finding) => `${finding.name}: ${finding.advice}`).join('\n')}`;
}
