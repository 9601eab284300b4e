import { TransientError, type JobError } from '../domain/job-errors.ts';
import { JAVASCRIPT_TROUBLE, YTDLP_ERROR_RULES } from './yt-dlp-error-rules.ts';

/** How much of a text that came from outside becomes part of an error. */
const LONGEST_MESSAGE = 400;

/**
 * Gives a failed run of yt-dlp its class.
 * @param lines what it wrote to standard error. Warnings count: the last ERROR often only says that something
 * went wrong, and the warning before it why.
 */
export function classifyYtDlpFailure(
  lines: readonly string[],
  exitCode: number | null,
  now = new Date(),
): JobError {
  // A cover that is missing or refused says nothing about the audio.
  const folded = lines.map(foldQuotes).filter((line) => !/^WARNING:.*thumbnail/i.test(line));
  const trouble = folded.find((line) => JAVASCRIPT_TROUBLE.test(line));
  for (const { pattern, lines: kind, make } of YTDLP_ERROR_RULES) {
    const line = folded.findLast(
      (text) => (kind === undefined || text.startsWith('ERROR')) && pattern.test(text),
    );
    if (line === undefined) continue;
    const error = make(plainMessage(line), now);
    if (trouble !== undefined && (error.errorClass === 'no_audio' || error.errorClass === 'removed')) {
      return new TransientError('extraction', `${error.message} (${plainMessage(trouble)})`);
    }
    return error;
  }
  const last = folded.findLast((line) => line.startsWith('ERROR')) ?? folded.findLast((line) => line !== '');
  return new TransientError(
    'unknown',
    last === undefined ? `yt-dlp ended with code ${String(exitCode)} and no word.` : plainMessage(last),
  );
}

/** Whether one more try, at once, may well help: YouTube says so of videos that are there, too. */
export function isBareUnavailable(error: JobError): boolean {
  return error.errorClass === 'removed' && /Video unavailable\.?$/.test(error.message);
}

function foldQuotes(line: string): string {
  return line.replaceAll(/[\u2018\u2019\u02BC]/g, "'").replaceAll(/[\u201C\u201D]/g, '"');
}

/** The site's own sentence: without yt-dlp's prefix and hints, control characters and passwords in addresses. */
function plainMessage(line: string): string {
  return (
    line
      .replace(/^(ERROR|WARNING): (\[[\w:]+\] ([\w-]+: )?)?/, '')
      .replace(
        /[;.]? *(please report this issue on|Use --cookies-from-browser|Use --list-formats|You might want|It is recommended to).*$/i,
        '',
      )
      .replaceAll(/\/\/[^/@\s]*@/g, '//***@')
      // Texts from outside must not steer a terminal.
      .replaceAll(/[\u0000-\u001F\u007F-\u009F]+/g, ' ')
      .trim()
      .slice(0, LONGEST_MESSAGE)
  );
}
