/** The languages of the texts that people read; the first is the default. */
export const LANGUAGES = ['en', 'fr'] as const;

/** BCP 47. */
export type Language = (typeof LANGUAGES)[number];
