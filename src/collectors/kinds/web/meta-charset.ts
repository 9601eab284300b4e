/** Browsers look no further (WHATWG HTML, "prescan a byte stream to determine its encoding"). */
const PRESCAN_BYTES = 1024;

/** The encoding that a page declares in a `meta` element, as `charset` or in `content`. */
export function metaCharset(page: Uint8Array): string | undefined {
  const beginning = Buffer.from(page.subarray(0, PRESCAN_BYTES)).toString('latin1');
  for (const [element] of beginning.matchAll(/<meta\s[^>]*/gi)) {
    const charset = /charset\s*=[\s"']*([\w.:-]+)/i.exec(element)?.[1];
    if (charset !== undefined) return charset;
  }
  return undefined;
}
