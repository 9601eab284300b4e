import { byteOrderMarkOf } from '../../byte-order-mark.ts';

/** The XML declaration must be within these first bytes. */
const DECLARATION_BYTES = 512;

/**
 * Decodes a feed with the first of these encodings that is known and gives no errors: byte order mark, Content-Type, XML
 * declaration (RFC 7303, section 3), UTF-8, windows-1252. Many servers announce an encoding that they do not use.
 */
export function decodeFeed(bytes: Uint8Array, contentType: string | null): string {
  const announced = [
    byteOrderMarkOf(bytes)?.encoding,
    /charset\s*=\s*["']?([\w.:-]+)/i.exec(contentType ?? '')?.[1],
    declaredEncoding(bytes),
    'utf-8',
  ];
  for (const label of announced) {
    const text = label === undefined ? undefined : decoded(bytes, label);
    if (text !== undefined) return text;
  }
  return new TextDecoder('windows-1252').decode(bytes);
}

function declaredEncoding(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.subarray(0, DECLARATION_BYTES)).toString('latin1');
  const label = /^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']/i.exec(start)?.[1];
  // A declaration that is readable byte by byte cannot be UTF-16.
  return label === undefined || /^(?:utf-?16|ucs-?2|iso-10646)/i.test(label) ? undefined : label;
}

function decoded(bytes: Uint8Array, label: string): string | undefined {
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch {
    // An unknown label, or bytes that are invalid in this encoding.
    return undefined;
  }
}
