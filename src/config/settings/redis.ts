import { createPrivateKey, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { parseRedisUrl } from '../redis-url.ts';
import { setting } from './setting.ts';

/** Tries a value; what `check` throws becomes the problem, which must not show a secret. */
const checkedText = (check: (text: string) => void) =>
  z.string().superRefine((text, context) => {
    try {
      check(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'is not valid' });
    }
  });

const pem = (what: string, read: (text: string) => unknown) =>
  checkedText((text) => {
    try {
      read(text);
    } catch (error) {
      throw new Error(
        `is not ${what} in PEM form (lines between -----BEGIN … and -----END …); give its file with the name followed by _FILE`,
        { cause: error },
      );
    }
  });
const certificates = pem('a certificate', (text) => new X509Certificate(text));

export const redisSettings = {
  REDIS_URL: setting(checkedText(parseRedisUrl), {
    secret: true,
    description:
      'Redis or Valkey, which holds the jobs: redis://[user:password@]host:port[/database], or rediss:// for TLS. A cluster: redis+cluster://host:port,host:port. A master behind sentinels: redis+sentinel://host:26379,host:26379/mymaster[/database]. rediss+cluster:// and rediss+sentinel:// for TLS.',
  }),
  QUEUE_PREFIX: setting(
    z
      .string()
      .regex(/^[\w{}-]+$/, 'may have letters, digits, _ - { } only')
      .default('sonotheque'),
    {
      description:
        'The prefix of every key in Redis, so that several installations can share a server. With redis+cluster:// it is put in braces by itself, unless it has some: all keys must be on one node.',
    },
  ),
  REDIS_SENTINEL_USERNAME: setting(z.string().optional(), {
    secret: true,
    description:
      'The user for the sentinels of redis+sentinel://, where they have one. The user and password in REDIS_URL are for the servers behind them.',
  }),
  REDIS_SENTINEL_PASSWORD: setting(z.string().optional(), {
    secret: true,
    description: 'The password for the sentinels of redis+sentinel://, where they have one.',
  }),
  REDIS_TLS_CA: setting(certificates.optional(), {
    secret: true,
    description:
      'The certificate of the authority that signed the certificates of Redis, in PEM form, where it is not one of those that Node.js knows. Give its file as REDIS_TLS_CA_FILE.',
  }),
  REDIS_TLS_CERT: setting(certificates.optional(), {
    secret: true,
    description:
      'The certificate of this program, in PEM form, where Redis asks for one (its `tls-auth-clients yes`). Give its file as REDIS_TLS_CERT_FILE.',
  }),
  REDIS_TLS_KEY: setting(pem('a private key without a passphrase', createPrivateKey).optional(), {
    secret: true,
    description: 'The private key of REDIS_TLS_CERT, in PEM form. Give its file as REDIS_TLS_KEY_FILE.',
  }),
  REDIS_TLS_SERVER_NAME: setting(z.string().optional(), {
    description:
      'The name that the certificates of Redis must be for, where it is not the host that is connected to: nodes of a cluster or masters behind sentinels that are known by their IP addresses.',
  }),
};
