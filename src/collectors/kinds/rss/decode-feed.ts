/** The longest beginning of a feed in which its XML declaration is looked for. */
const DECLARATION_BYTES = 512;

/**
 * Makes text of the bytes of a feed. The encoding is, in this order, that of the byte order mark, of Content-Type, of
 * the XML declaration (RFC 7303, section 3), UTF-8, Windows-1252: the first that is known and has no errors. Many
 * servers announce another one than they send.
 */
export function decodeFeed(bytes: Uint8Array, contentType: string | null): string {
  const announced = [
    markedEncoding(bytes),
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

function markedEncoding(bytes: Uint8Array): string | undefined {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return first === 0xff && second === 0xfe ? 'utf-16le' : undefined;
}

function declaredEncoding(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.subarray(0, DECLARATION_BYTES)).toString('latin1');
  const label = /^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']/i.exec(start)?.[1];
  // A declaration that can be read byte by byte is not written in two bytes for each letter.
  return label === undefined || /^(?:utf-?16|ucs-?2|iso-10646)/i.test(label) ? undefined : label;
}

function decoded(bytes: Uint8Array, label: string): string | undefined {
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch {
    // An unknown label, or bytes that are none of this encoding.
    return undefined;
  }
}
