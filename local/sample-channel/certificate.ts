import { createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** One DER element: tag, length, content (ITU-T X.690). */
const element = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const content = Buffer.concat(parts);
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content]);
  const hex = content.length.toString(16);
  const length = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, content]);
};
const sequence = (...parts: readonly Buffer[]): Buffer => element(0x30, ...parts);
const objectId = (hex: string): Buffer => element(0x06, Buffer.from(hex, 'hex'));
const bitString = (bytes: Buffer): Buffer => element(0x03, Buffer.from([0]), bytes);
/** GeneralizedTime without fractions of a second: 20260131120000Z. */
const time = (date: Date): Buffer =>
  element(0x18, Buffer.from(date.toISOString().replace(/[-:T]|\.\d+/g, ''), 'ascii'));

const ECDSA_WITH_SHA256 = sequence(objectId('2a8648ce3d040302'));
const COMMON_NAME = objectId('550403');
const SUBJECT_ALTERNATIVE_NAME = objectId('551d11');
const DAY_MS = 86_400_000;

/**
 * A new self-signed certificate (X.509 v3, P-256) for 127.0.0.1, valid for a year. Encoded here because Node cannot make
 * certificates and a bare machine need not have openssl.
 */
export function selfSignedCertificate(): { readonly key: string; readonly cert: string } {
  const pair = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const name = sequence(
    element(0x31, sequence(COMMON_NAME, element(0x0c, Buffer.from('sample channel', 'utf8')))),
  );
  const serial = randomBytes(8);
  serial[0] = 0x40; // positive, and not a padded integer
  const now = Date.now();
  // GeneralName 7 is an address of four bytes.
  const addresses = sequence(element(0x87, Buffer.from([127, 0, 0, 1])));
  const toBeSigned = sequence(
    element(0xa0, element(0x02, Buffer.from([2]))),
    element(0x02, serial),
    ECDSA_WITH_SHA256,
    name,
    sequence(time(new Date(now - DAY_MS)), time(new Date(now + 365 * DAY_MS))),
    name,
    pair.publicKey,
    element(0xa3, sequence(sequence(SUBJECT_ALTERNATIVE_NAME, element(0x04, addresses)))),
  );
  const signature = sign('sha256', toBeSigned, createPrivateKey(pair.privateKey));
  const certificate = sequence(toBeSigned, ECDSA_WITH_SHA256, bitString(signature));
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    key: pair.privateKey,
    cert: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
  };
}
