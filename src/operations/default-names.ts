/** The names of exported files where nothing else is asked for; `{…}` are fields of ./export-names.ts. */
export const DEFAULT_NAMES = '{title} [{id}]';
