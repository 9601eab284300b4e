/**
 * When a SAS token ends: the parameter `se` (learn.microsoft.com/rest/api/storageservices/create-service-sas).
 * @param query the token with or without a question mark.
 * @returns undefined when it does not say, as with a stored access policy.
 */
export function sasExpiry(query: string): Date | undefined {
  const text = new URLSearchParams(query).get('se');
  if (text === null) return undefined;
  // The service reads all times as UTC.
  const at = new Date(/(?:Z|[+-]\d{2}:\d{2})$/.test(text) || !text.includes('T') ? text : `${text}Z`);
  return Number.isNaN(at.getTime()) ? undefined : at;
}
