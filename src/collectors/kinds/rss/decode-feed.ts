import { decodeText, type DecodedText } from '../../../text/decode-text.ts';

/** The XML declaration must be within these first bytes. */
const DECLARATION_BYTES = 512;

/**
 * Decodes a feed by its byte order mark, the charset of Content-Type, its XML declaration (RFC 7303, section 3) or its
 * bytes, as `decodeText` does.
 */
export function decodeFeed(bytes: Uint8Array, charset: string | undefined): DecodedText {
  const start = Buffer.from(bytes.subarray(0, DECLARATION_BYTES)).toString('latin1');
  const declaration = /<\?xml\s[^>]{0,400}/i.exec(start)?.[0] ?? '';
  const declared = /\sencoding\s{0,20}=\s{0,20}["']([\w.:-]+)/i.exec(declaration)?.[1];
  return decodeText(bytes, [charset, declared]);
}
