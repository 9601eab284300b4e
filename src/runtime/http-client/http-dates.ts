/**
 * Reads a date of an HTTP header: the preferred form, and the two obsolete ones (RFC 9110, section 5.6.7).
 * @returns undefined for anything else.
 */
export function parseHttpDate(text: string | null): Date | undefined {
  const trimmed = text?.trim() ?? '';
  if (!/^[A-Z][a-z]{2,8},? /.test(trimmed)) return undefined;
  // The form of asctime has no zone, which Date.parse would take for the zone of this machine.
  const milliseconds = Date.parse(/(?:GMT|UTC|[+-]\d{4})$/.test(trimmed) ? trimmed : `${trimmed} GMT`);
  return Number.isNaN(milliseconds) ? undefined : new Date(milliseconds);
}
