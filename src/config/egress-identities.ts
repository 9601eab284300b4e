/**
 * One way out to the site: an address (through a proxy or not) with or without the cookies of an account. The
 * site limits such an identity, not a process, so all workers share its budget and its rests.
 */
export interface EgressAddress {
  /** Shown in logs, status and metrics; nothing else of the identity is. */
  readonly name: string;
  /** May hold a password. */
  readonly proxy?: string;
  /** A file in Netscape format; each process works on a copy. */
  readonly cookiesFile?: string;
  /** Most starts of downloads and listings in any hour; 0 sets no limit. */
  readonly budgetPerHour: number;
  /** The least time between two starts; up to as much again is added at random. */
  readonly spacingMs: number;
}

/** What one entry of `EGRESS` says; the rest comes from the defaults. */
export type EgressEntry = Pick<EgressAddress, 'name' | 'proxy' | 'cookiesFile'> & {
  readonly budgetPerHour?: number;
  readonly spacingMs?: number;
};

const NAME = /^[a-z0-9][a-z0-9_-]{0,31}$/i;
const PROXY_PROTOCOLS = new Set(['http:', 'https:', 'socks4:', 'socks4a:', 'socks5:', 'socks5h:']);
const OPTIONS = ['proxy', 'cookies', 'budget', 'spacing'] as const;
type OptionName = (typeof OPTIONS)[number];

/**
 * Reads `NAME: option=value, option=value; NAME: …`. Every problem is told with its place and without the value,
 * which may be a secret.
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
  if (entries.length === 0 && problems.length === 0) problems.push('names no identity');
  return { entries, problems };
}

function readOptions(text: string, complain: (problem: string) => void): Omit<EgressEntry, 'name'> {
  const given = new Map<OptionName, string>();
  for (const [index, option] of text.split(',').entries()) {
    if (option.trim() === '') continue;
    const equals = option.indexOf('=');
    const name = OPTIONS.find((known) => known === option.slice(0, Math.max(equals, 0)).trim());
    if (name === undefined) {
      complain(`option ${String(index + 1)} is none of ${OPTIONS.map((known) => `${known}=…`).join(', ')}`);
    } else if (given.has(name)) {
      complain(`${name} is given twice`);
    } else {
      given.set(name, option.slice(equals + 1).trim());
    }
  }
  const proxy = given.get('proxy');
  if (proxy !== undefined && !isProxy(proxy)) {
    complain(
      'proxy is no address such as socks5://host:port (http, https, socks4, socks4a, socks5, socks5h)',
    );
  }
  const cookiesFile = given.get('cookies');
  if (cookiesFile === '') complain('cookies names no file');
  const budgetPerHour = numberOf(given.get('budget'));
  if (budgetPerHour !== undefined && !Number.isSafeInteger(budgetPerHour)) {
    complain('budget is not a whole number of starts per hour');
  }
  const spacing = numberOf(given.get('spacing'));
  if (Number.isNaN(spacing)) complain('spacing is not a number of seconds');
  return {
    ...(proxy === undefined ? {} : { proxy }),
    ...(cookiesFile === undefined ? {} : { cookiesFile }),
    ...(budgetPerHour === undefined ? {} : { budgetPerHour }),
    ...(spacing === undefined ? {} : { spacingMs: spacing * 1000 }),
  };
}

function isProxy(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return PROXY_PROTOCOLS.has(url.protocol) && url.hostname !== '';
}

/** NaN for what is no number from 0 up. */
function numberOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
}
