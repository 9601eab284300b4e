const MAX_LENGTH = 4_000;

/**
 * Name and password of HTTP Basic (RFC 7617).
 * @param header the value of `Authorization`, such as `Basic dXNlcjpwYXNzd29yZA==`; undefined for anything else
 */
export function parseBasic(header: string): { readonly user: string; readonly password: string } | undefined {
  const encoded = header.length > MAX_LENGTH ? undefined : /^Basic ([\w+/=]+)$/i.exec(header)?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
