import { definedFields } from '../../../domain/defined-fields.ts';
import type { HttpRequest } from '../../../runtime/http-client/http-client.ts';

/** Query parameters that are credentials of a private feed. */
const SECRET_PARAMETER = /token|secret|passw|signature|^(?:auth|key|api_?key|sig|hash)$/i;

/** Moves the credentials of a private feed out of its URL, so that they appear in no message. */
export function accessOf(
  address: string,
): Pick<HttpRequest, 'authorization' | 'secretParameters'> & { url: URL } {
  const url = new URL(address);
  const { username, password } = url;
  url.username = '';
  url.password = '';
  const secrets = [...url.searchParams].filter(([name]) => SECRET_PARAMETER.test(name));
  for (const [name] of secrets) url.searchParams.delete(name);
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return definedFields({
    url,
    authorization: pair === ':' ? undefined : `Basic ${Buffer.from(pair).toString('base64')}`,
    secretParameters: secrets.length === 0 ? undefined : Object.fromEntries(secrets),
  });
}
