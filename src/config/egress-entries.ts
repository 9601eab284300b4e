import { definedFields } from '../domain/defined-fields.ts';
import type { EgressAddress } from '../domain/egress-address.ts';

/** One entry of `EGRESS`; what it does not set has the default of all entries. */
export type EgressEntry = Pick<EgressAddress, 'name'> & Partial<Omit<EgressAddress, 'name'>>;

const NAME = /^[a-z0-9][a-z0-9_-]{0,31}$/i;
const PROXY_PROTOCOLS = new Set(['http:', 'https:', 'socks4:', 'socks4a:', 'socks5:', 'socks5h:']);
const OPTIONS = ['proxy', 'cookies', 'budget', 'spacing'] as const;
type OptionName = (typeof OPTIONS)[number];

/**
 * Reads `NAME: option=value, option=value; NAME: …`. Each problem names the place and never the value, which may be a
 * secret.
 */
export function parseEgressEntries(text: string): {
  readonly entries: readonly EgressEntry[];
  readonly problems: readonly string[];
} {
  const entries: EgressEntry[] = [];
  const problems: string[] = [];
  for (const [index, part] of text.split(';').entries()) {
    if (part.trim() === '') continue;
    const colon = part.indexOf(':');
    const name = (colon === -1 ? part : part.slice(0, colon)).trim();
    const place = NAME.test(name) ? `entry ${String(index + 1)} (${name})` : `entry ${String(index + 1)}`;
    if (!NAME.test(name)) {
      problems.push(`${place} does not begin with a name (1–32 letters, digits, _ and -) and a colon`);
      continue;
    }
    if (entries.some((entry) => entry.name === name)) problems.push(`${place} has the name of another entry`);
    const options = colon === -1 ? '' : part.slice(colon + 1);
    entries.push({ name, ...readOptions(options, (problem) => problems.push(`${place}: ${problem}`)) });
  }
  if (entries.length === 0 && problems.length === 0) problems.push('names no egress address');
  return { entries, problems };
}

function readOptions(text: string, onProblem: (problem: string) => void): Omit<EgressEntry, 'name'> {
  const given = new Map<OptionName, string>();
  for (const [index, option] of text.split(',').entries()) {
    if (option.trim() === '') continue;
    const equals = option.indexOf('=');
    const name = OPTIONS.find((known) => known === option.slice(0, Math.max(equals, 0)).trim());
    if (name === undefined) {
      const known = OPTIONS.map((each) => `${each}=…`).join(', ');
      onProblem(`option ${String(index + 1)} is not one of ${known}`);
    } else if (given.has(name)) {
      onProblem(`${name} is given twice`);
    } else {
      given.set(name, option.slice(equals + 1).trim());
    }
  }
  const proxy = given.get('proxy');
  if (proxy !== undefined && !isProxy(proxy)) {
    onProblem(
      'proxy is not a URL such as socks5://host:port (http, https, socks4, socks4a, socks5, socks5h)',
    );
  }
  const cookiesFile = given.get('cookies');
  if (cookiesFile === '') onProblem('cookies names no file');
  const budgetPerHour = numberOf(given.get('budget'));
  if (budgetPerHour !== undefined && !Number.isSafeInteger(budgetPerHour)) {
    onProblem('budget is not a whole number of starts per hour');
  }
  const spacingSeconds = numberOf(given.get('spacing'));
  if (Number.isNaN(spacingSeconds)) onProblem('spacing is not a number of seconds');
  const spacingMs = spacingSeconds === undefined ? undefined : spacingSeconds * 1000;
  return definedFields({ proxy, cookiesFile, budgetPerHour, spacingMs });
}

function isProxy(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return PROXY_PROTOCOLS.has(url.protocol) && url.hostname !== '';
}

/** NaN for anything but a number from 0 up. */
function numberOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
}
