import { definedFields } from '../domain/defined-fields.ts';

/** Where a server listens. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

/** What `REDIS_URL` names. */
export interface RedisServers {
  /** `sentinel`: the addresses are those of sentinels, which know the server that is the master now. */
  readonly kind: 'single' | 'cluster' | 'sentinel';
  /** One for a single server; of a cluster or of sentinels any that are known, at least one. */
  readonly addresses: readonly RedisAddress[];
  /** The user and password of the servers that hold the data. */
  readonly username?: string;
  readonly password?: string;
  readonly database: number;
  readonly useTls: boolean;
  /** Only with sentinels: their name of the master. */
  readonly masterName?: string;
  /** 4 or 6: only addresses of this version of IP. */
  readonly family?: 4 | 6;
}

const SCHEMES: ReadonlyMap<string, Pick<RedisServers, 'kind' | 'useTls'>> = new Map([
  ['redis', { kind: 'single', useTls: false }],
  ['rediss', { kind: 'single', useTls: true }],
  ['redis+cluster', { kind: 'cluster', useTls: false }],
  ['rediss+cluster', { kind: 'cluster', useTls: true }],
  ['redis+sentinel', { kind: 'sentinel', useTls: false }],
  ['rediss+sentinel', { kind: 'sentinel', useTls: true }],
]);
const DEFAULT_PORTS = { single: 6379, cluster: 6379, sentinel: 26_379 } as const satisfies Record<
  RedisServers['kind'],
  number
>;
/** More would be a mistake: one that answers is enough. */
const MAX_ADDRESSES = 100;
const HOST_AND_PORT = /^(\[[\da-f:.]{2,45}\]|[^\s[\]:]{1,253})(?::(\d{1,5}))?$/i;

/**
 * Reads a URL of Redis: `redis://[user:password@]host[:port][/database]`; `rediss:` for TLS; `redis+cluster://host,host…` and
 * `redis+sentinel://host,host…/master[/database]` with any number of hosts. The class `URL` takes no list of hosts.
 * @throws Error that continues the name of the variable, without the user and password.
 */
export function parseRedisUrl(url: string): RedisServers {
  const [, scheme = '', rest = ''] = /^([a-z+]{1,20}):\/\/(.*)$/is.exec(url) ?? [];
  const found = SCHEMES.get(scheme.toLowerCase());
  if (found === undefined)
    throw new Error(
      'is not a URL that begins with redis://, rediss:// (TLS), redis+cluster://, rediss+cluster://, redis+sentinel:// or rediss+sentinel://',
    );
  const { kind, useTls } = found;
  const [place, query] = splitAt(rest, '?');
  // A password may have a slash or an @ that is not encoded; hosts have neither.
  const at = place.lastIndexOf('@');
  const [hosts, path] = splitAt(place.slice(at + 1), '/');
  const addresses = addressesIn(hosts, DEFAULT_PORTS[kind]);
  if (kind === 'single' && addresses.length > 1)
    throw new Error('names several servers: begin it with redis+cluster:// or redis+sentinel://');
  const [masterName, database] = kind === 'sentinel' ? splitAt(path, '/') : [undefined, path];
  if (masterName === '')
    throw new Error('does not name the master: redis+sentinel://host:26379,host:26379/mymaster');
  const parameters = parametersIn(query);
  const index = databaseIn(parameters.get('db') ?? database);
  if (kind === 'cluster' && index !== 0) throw new Error('names a database; a cluster has only database 0');
  return {
    kind,
    addresses,
    ...loginIn(at === -1 ? '' : place.slice(0, at)),
    database: index,
    useTls,
    ...definedFields({
      masterName: masterName === undefined ? undefined : decoded(masterName),
      family: familyIn(parameters.get('family')),
    }),
  };
}

/** @returns the part before the first `mark`, and the one behind it. */
function splitAt(text: string, mark: string): [string, string] {
  const index = text.indexOf(mark);
  return index === -1 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)];
}

function addressesIn(hosts: string, defaultPort: number): RedisAddress[] {
  const texts = hosts.split(',', MAX_ADDRESSES + 1);
  if (texts.length > MAX_ADDRESSES) throw new Error(`names more than ${String(MAX_ADDRESSES)} servers`);
  return texts.map((text) => {
    const [, host, port] = HOST_AND_PORT.exec(text.trim()) ?? [];
    const number = port === undefined ? defaultPort : Number(port);
    if (host === undefined || number < 1 || number > 65_535)
      throw new Error('has a server that is not of the form host or host:port');
    return { host: host.replace(/^\[|\]$/g, ''), port: number };
  });
}

function loginIn(login: string): Pick<RedisServers, 'username' | 'password'> {
  const [username, password] = splitAt(login, ':').map(decoded);
  // Redis has a default user, whom a password alone means.
  return definedFields({
    username: username === '' ? undefined : username,
    password: password === '' ? undefined : password,
  });
}

function databaseIn(text: string): number {
  if (!/^\d{0,5}$/.test(text)) throw new Error('has a path that is not the number of a database');
  return Number(text);
}

function familyIn(text: string | undefined): 4 | 6 | undefined {
  if (text === undefined || text === '0') return undefined;
  if (text === '4') return 4;
  if (text === '6') return 6;
  throw new Error('has a parameter family that is neither 4 nor 6');
}

function parametersIn(query: string): ReadonlyMap<string, string> {
  const parameters = new Map(new URLSearchParams(query));
  for (const name of parameters.keys())
    if (name !== 'db' && name !== 'family') throw new Error('has a parameter other than family and db');
  return parameters;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A percent sign that encodes nothing stands for itself.
    return text;
  }
}
