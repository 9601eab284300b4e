/** Query parameters that sign an address for one use; downloads redirect to object stores with such addresses. */
const SIGNATURE_PARAMETER =
  /^(?:x-(?:goog|amz|ms)-.*|googleaccessid|awsaccesskeyid|signature|sig|token|access_token)$/i;
const HIDDEN = '***';

export type Redaction = ReturnType<typeof redactionOf>;

/**
 * Makes texts without the secrets of one request.
 * @param secrets values that are never shown, percent-encoded or not
 * @param parameterNames query parameters that are removed from addresses
 */
export function redactionOf(secrets: readonly string[], parameterNames: readonly string[]) {
  const hidden = [...new Set(secrets.flatMap(formsOf))].sort((a, b) => b.length - a.length);
  const text = (shown: string) => hidden.reduce((result, secret) => result.replaceAll(secret, HIDDEN), shown);
  return {
    /** A text with every secret replaced. */
    text,
    /** An address without credentials, secret and signature parameters. */
    url: (url: URL): URL => {
      const clean = new URL(url);
      clean.username = '';
      clean.password = '';
      for (const name of [...clean.searchParams.keys()]) {
        if (parameterNames.includes(name) || SIGNATURE_PARAMETER.test(name)) clean.searchParams.delete(name);
      }
      const redacted = text(clean.href);
      return URL.canParse(redacted) ? new URL(redacted) : new URL(clean.origin);
    },
  };
}

/** The value of `Authorization`, and the part after its scheme. */
export function secretsOfAuthorization(authorization: string | undefined): string[] {
  if (authorization === undefined) return [];
  return [authorization, authorization.replace(/^\S+\s+/, '')];
}

function formsOf(secret: string): string[] {
  if (secret === '') return [];
  return [
    secret,
    encodeURIComponent(secret),
    encodeURI(secret),
    new URLSearchParams([['', secret]]).toString().slice(1),
  ];
}
