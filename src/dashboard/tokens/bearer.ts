/** Longer than any token. */
const MAX_LENGTH = 200;

/** The token of `Authorization: Bearer …` (RFC 6750 §2.1); undefined for another scheme, empty for none that could be one. */
export function parseBearer(header: string): string | undefined {
  const [scheme = ''] = header.split(' ', 1);
  if (scheme.toLowerCase() !== 'bearer') return undefined;
  const token = header.slice(scheme.length).trim();
  return token.length > MAX_LENGTH ? '' : token;
}
