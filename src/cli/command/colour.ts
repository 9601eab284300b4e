import process from 'node:process';
import { styleText } from 'node:util';

/** The word or words in capital letters that begin a line of ours which tells of trouble. */
const TROUBLE = /^[A-Z][A-Z ]*[A-Z](?=:)/gm;

/** Bold where standard output shows colours: a terminal without NO_COLOR, or FORCE_COLOR. */
export function bold(text: string): string {
  return styleText('bold', text, { stream: process.stdout });
}

/** Marks the first words of a text that tells of trouble, in colour where standard output shows colours. */
export function markTrouble(text: string): string {
  return text.replaceAll(TROUBLE, (words) =>
    styleText(['bold', 'yellow'], words, { stream: process.stdout }),
  );
}
