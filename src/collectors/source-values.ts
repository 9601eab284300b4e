import { z } from 'zod';
import { cronPatternSchema } from '../config/cron.ts';

/** An address with http or https. */
export const webUrlSchema = z
  .string()
  .superRefine((text, context) => {
    const protocol = URL.parse(text)?.protocol;
    if (protocol === 'https:' || protocol === 'http:') return;
    const message = isUrlWithoutProtocol(text)
      ? `https:// is missing: https://${text.replace(/^\/\//, '')}`
      : 'is not an address with https:// or http://';
    context.addIssue({ code: 'custom', message });
  })
  .meta({ format: 'uri' });

/** `example.org/feed`, `//example.org` or `localhost:8080/feed`. */
function isUrlWithoutProtocol(text: string): boolean {
  return /^(?:\/\/)?(?:[a-z0-9-]+\.)*[a-z0-9-]+(?:\.[a-z]{2,}|:\d+)(?:[/?#]|$)/i.test(text);
}

/** A cron pattern of five fields, or a name such as `@daily`: a source is not collected by the second. */
export const sourceSchedulePatternSchema = z
  .string()
  .superRefine((text, context) => {
    const fields = text.trim().split(/\s+/);
    const [first = '', ...others] = fields;
    const parsed = cronPatternSchema.safeParse(text);
    if (fields.length === 6 && parsed.success) {
      const message = `has six fields; seconds are not possible: write "${others.join(' ')}"`;
      context.addIssue({ code: 'custom', message });
    } else if (!parsed.success || !(fields.length === 5 || /^@(?!secondly$|minutely$)/i.test(first))) {
      const message = 'is not a cron pattern such as "0 2 * * *": minute, hour, day, month, weekday';
      context.addIssue({ code: 'custom', message });
    }
  })
  .describe('When the source is collected: a cron pattern such as "0 2 * * *" (02:00 every day).');

/** The value of the header User-Agent: printable ASCII (RFC 9110, section 10.1.5, without line breaks). */
export const userAgentSchema = z
  .string()
  .max(200)
  .regex(/^[!-~](?:[ -~]*[!-~])?$/, 'is not a User-Agent of printable ASCII characters');

/** Headers that the program sets by itself, with the reason why a source may not. */
const OWN_HEADERS = new Map([
  ['user-agent', 'has a setting of its own: userAgent'],
  ...['if-none-match', 'if-modified-since', 'range', 'accept-encoding', 'host', 'content-length'].map(
    (name) => [name, 'is set by the program'] as const,
  ),
  ...['connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'expect'].map(
    (name) => [name, 'is set by the program'] as const,
  ),
]);
/** Such headers carry secrets, which do not belong in a file that is shown and kept in Git. */
const SECRET_HEADER = /auth|cookie|token|secret|key|session|password/i;
/** A token of RFC 9110, section 5.6.2. */
const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]{1,100}$/;
/** RFC 9110, section 5.5, without characters outside ASCII. */
const HEADER_VALUE = /^[!-~](?:[\t -~]*[!-~])?$/;
const REFERENCE = /\$\{([A-Z][A-Z0-9_]*)\}/g;

/** Headers by name. `${NAME}` in a value stands for a secret of SOURCE_SECRETS. */
export const headersSchema = z.record(z.string(), z.string().max(4_096)).superRefine((headers, context) => {
  const names = Object.keys(headers);
  if (names.length > 20) context.addIssue({ code: 'custom', message: 'has more than 20 headers' });
  if (new Set(names.map((name) => name.toLowerCase())).size < names.length) {
    context.addIssue({ code: 'custom', message: 'contains a header twice' });
  }
  for (const [name, value] of Object.entries(headers)) {
    const message = headerProblem(name, value);
    if (message !== undefined) context.addIssue({ code: 'custom', path: [name], message });
  }
});

function headerProblem(name: string, value: string): string | undefined {
  if (!HEADER_NAME.test(name)) return 'is not the name of a header';
  const own = OWN_HEADERS.get(name.toLowerCase());
  if (own !== undefined) return own;
  if (!HEADER_VALUE.test(value)) return 'has a value with characters that headers cannot contain';
  if (value.replace(REFERENCE, '').includes('${')) return 'refers to a secret in another form than ${NAME}';
  return SECRET_HEADER.test(name) && secretNamesOf({ [name]: value }).length === 0
    ? 'is a secret: write ${NAME} here, and NAME=value in the environment variable SOURCE_SECRETS'
    : undefined;
}

/** The secrets to which headers refer. */
export function secretNamesOf(headers: Readonly<Record<string, string>>): readonly string[] {
  return Object.values(headers).flatMap((value) =>
    [...value.matchAll(REFERENCE)].map(([, name = '']) => name),
  );
}

/** The headers with the secrets in their place; those that do not exist become empty. */
export function headersWithSecrets(
  headers: Readonly<Record<string, string>>,
  secrets: Readonly<Record<string, string>>,
): Record<string, string> {
  const filled = (value: string) => value.replace(REFERENCE, (_found, name: string) => secrets[name] ?? '');
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, filled(value)]));
}
