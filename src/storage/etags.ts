/** An ETag as it is compared and kept: without its quotes. */
export function withoutQuotes(etag: string): string {
  return etag.replace(/^W\//, '').replace(/^"|"$/g, '');
}
