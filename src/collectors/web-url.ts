/** Resolves an http or https URL; undefined when the text is empty, not a URL, or of another protocol. */
export function parseWebUrl(text: string, base?: string): URL | undefined {
  const url = text.trim() === '' ? null : URL.parse(text, base);
  return url !== null && /^https?:$/.test(url.protocol) ? url : undefined;
}
