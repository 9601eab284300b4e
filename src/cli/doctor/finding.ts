/** What the doctor found about one tool or server. */
export interface Finding {
  readonly name: string;
  readonly state: 'ok' | 'missing' | 'off';
  /** Version and, for servers, the settings that matter. Empty when nothing was found. */
  readonly found: string;
  readonly needed: string;
  /** Path of a program, host and port of a server; never a login. */
  readonly where: string;
  /** What to do, or what is worth knowing. Empty when all is well. */
  readonly advice: string;
}

/** Whether a dotted version is at least another one; parts that are missing count as 0. */
export function isAtLeast(version: string, least: string): boolean {
  const parts = version.split('.').map((part) => Number.parseInt(part, 10) || 0);
  for (const [index, wanted] of least.split('.').map(Number).entries()) {
    const part = parts[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}
