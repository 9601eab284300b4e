import { en, type Messages } from './en.ts';
import { fr } from './fr.ts';
import type { Language } from './languages.ts';

const MESSAGES: Readonly<Record<Language, Messages>> = { en, fr };

/** The texts of a language. To add a language: its entry in `LANGUAGES`, then whatever no longer compiles. */
export function messagesOf(language: Language): Messages {
  return MESSAGES[language];
}
