/** Host and port of an address, without its login. */
export function hostOf(url: string): string {
  // Addresses of several hosts (mongodb://a,b/) are none for the URL class.
  const authority = /^[a-z0-9+]+:\/\/(?:[^@/]*@)?([^/?]*)/i.exec(url)?.[1];
  return authority === undefined || authority === '' ? '?' : authority;
}

/** The first line of an error's message, without addresses that may carry a login. */
export function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const line = (message.split('\n')[0] ?? '').replace(/\/\/[^@/\s]*@/g, '//');
  return line === '' ? 'no reason given' : line;
}
