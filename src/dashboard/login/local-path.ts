const BASE = 'http://dashboard.invalid';
/** The pages of the login itself: whoever has just logged in wants another one. */
const NOT_A_TARGET: ReadonlySet<string> = new Set(['/login', '/logout']);
const MAX_LENGTH = 2_000;

/**
 * The page to show after a form was sent: a path of this server, never another site. What a browser would make of the text decides,
 * so it is parsed as browsers parse it (WHATWG URL: backslashes, control characters, dot segments), and so is the result.
 * @param given what the request names, from anybody
 */
export function localPath(given: unknown, { isLoginAllowed = false } = {}): string {
  const parse = (text: string) => parseLocal(text, isLoginAllowed);
  if (typeof given !== 'string' || given.length > MAX_LENGTH || !given.startsWith('/')) return '/';
  const first = parse(given);
  if (first === undefined) return '/';
  const path = first.pathname + first.search;
  // `/.//host` stays here when it is parsed, but its path `//host` alone leads elsewhere.
  const second = parse(path);
  return second !== undefined && second.pathname + second.search === path ? path : '/';
}

function parseLocal(text: string, isLoginAllowed: boolean): URL | undefined {
  if (!URL.canParse(text, BASE)) return undefined;
  const url = new URL(text, BASE);
  const isTarget = isLoginAllowed || !NOT_A_TARGET.has(url.pathname);
  return url.origin === BASE && isTarget ? url : undefined;
}
