import { createDecipheriv } from 'node:crypto';
import { isIP } from 'node:net';
import { z } from 'zod';
import { TransientError } from '../domain/job-errors.ts';

const IV_LENGTH = 16;

/** `GET <api>/random-cdn` */
export const cdnSchema = z.object({ cdn: z.string().min(1).max(255) });
/** `POST <cdn>/v2/info`: `data` is base64 of 16 bytes of IV and the AES-128-CBC text. */
export const infoSchema = z.object({
  status: z.boolean(),
  message: z.string().optional().catch(undefined),
  data: z.string().optional().catch(undefined),
});
/** The decrypted `data`. */
const videoSchema = z.object({
  id: z.string().optional().catch(undefined),
  key: z.string().min(1),
  title: z.string().optional().catch(undefined),
  thumbnail: z.string().optional().catch(undefined),
  duration: z.coerce.number().positive().optional().catch(undefined),
});
/** `POST <cdn>/download` */
export const downloadSchema = z.object({
  status: z.boolean(),
  message: z.string().optional().catch(undefined),
  data: z.object({ downloadUrl: z.string() }).optional().catch(undefined),
});

/**
 * Decrypts the answer to `/v2/info`.
 * @param keyHex the 16 bytes of the key as 32 hexadecimal digits
 * @returns metadata, and the `key` that `/download` requires.
 * @throws TransientError when it cannot be decrypted: the key or the protocol has changed.
 */
export function decodeVideo(data: string, keyHex: string): z.output<typeof videoSchema> {
  try {
    const bytes = Buffer.from(data, 'base64');
    const key = Buffer.from(keyHex, 'hex');
    const decipher = createDecipheriv('aes-128-cbc', key, bytes.subarray(0, IV_LENGTH));
    const plain = Buffer.concat([decipher.update(bytes.subarray(IV_LENGTH)), decipher.final()]);
    return videoSchema.parse(JSON.parse(plain.toString('utf8')));
  } catch (error) {
    throw new TransientError(
      'extraction',
      'The response of SaveTube cannot be decrypted with SAVETUBE_KEY.',
      {
        cause: error,
      },
    );
  }
}

/**
 * The address of the CDN host that the API named. The name is remote data: it must be the host of the API, or below
 * the same domain.
 * @throws TransientError
 */
export function cdnUrl(cdn: string, apiUrl: string, scheme: 'http' | 'https'): string {
  const address = `${scheme}://${cdn}`;
  const api = new URL(apiUrl);
  if (URL.canParse(address)) {
    const url = new URL(address);
    const isBare = url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '';
    const domain = api.hostname.split('.').slice(-2).join('.');
    const isSibling = isIP(api.hostname) === 0 && domain.includes('.') && url.hostname.endsWith(`.${domain}`);
    if (isBare && (url.host === api.host || isSibling)) return url.origin;
  }
  throw new TransientError('extraction', 'SaveTube named a host that is not its own.');
}

/**
 * The address of the file, as SaveTube gave it.
 * @throws TransientError when it is not https with a host name (http and IP addresses only where the scheme is http).
 */
export function fileUrl(address: string, scheme: 'http' | 'https'): URL {
  const url = URL.parse(address);
  const isNamed =
    url !== null && isIP(url.hostname.replaceAll(/^\[|\]$/g, '')) === 0 && url.hostname.includes('.');
  if (
    url !== null &&
    ((url.protocol === 'https:' && isNamed) || (scheme === 'http' && url.protocol === 'http:'))
  ) {
    return url;
  }
  throw new TransientError('extraction', 'SaveTube named an address that is not fetched.');
}
