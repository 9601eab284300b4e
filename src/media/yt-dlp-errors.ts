import { TransientError, type JobError } from '../domain/job-errors.ts';
import { JAVASCRIPT_FAILURE, YTDLP_ERROR_RULES } from './yt-dlp-error-rules.ts';

const MAX_MESSAGE_LENGTH = 400;

/**
 * The JobError of a failed run of yt-dlp.
 * @param lines standard error. Warnings matter: often the last ERROR only says that something failed, and the warning
 * before it says why.
 */
export function classifyYtDlpFailure(
  lines: readonly string[],
  exitCode: number | null,
  now = new Date(),
): JobError {
  // A cover that is missing or refused says nothing about the audio.
  const folded = lines.map(foldQuotes).filter((line) => !/^WARNING:.*thumbnail/i.test(line));
  const failure = folded.find((line) => JAVASCRIPT_FAILURE.test(line));
  for (const { pattern, lines: kind, make } of YTDLP_ERROR_RULES) {
    const line = folded.findLast(
      (text) => (kind === undefined || text.startsWith('ERROR')) && pattern.test(text),
    );
    if (line === undefined) continue;
    const error = make(plainMessage(line), now);
    if (failure !== undefined && (error.errorClass === 'no_audio' || error.errorClass === 'removed')) {
      return new TransientError('extraction', `${error.message} (${plainMessage(failure)})`);
    }
    return error;
  }
  const last = folded.findLast((line) => line.startsWith('ERROR')) ?? folded.findLast((line) => line !== '');
  return new TransientError(
    'unknown',
    last === undefined
      ? `yt-dlp ended with code ${String(exitCode)} without any output.`
      : plainMessage(last),
  );
}

/** Whether another try at once may succeed: YouTube sometimes says so of videos that are available. */
export function isUnavailableWithoutReason(error: JobError): boolean {
  return error.errorClass === 'removed' && /Video unavailable\.?$/.test(error.message);
}

function foldQuotes(line: string): string {
  return line.replaceAll(/[\u2018\u2019\u02BC]/g, "'").replaceAll(/[\u201C\u201D]/g, '"');
}

/** The message of the site, without yt-dlp's prefix and hints, control characters, and passwords in addresses. */
function plainMessage(line: string): string {
  return (
    line
      .replace(/^(ERROR|WARNING): (\[[\w:]+\] ([\w-]+: )?)?/, '')
      .replace(
        /[;.]? *(please report this issue on|Use --cookies-from-browser|Use --list-formats|You might want|It is recommended to).*$/i,
        '',
      )
      .replaceAll(/\/\/[^/@\s]*@/g, '//***@')
      // Text from outside must not control a terminal.
      .replaceAll(/[\u0000-\u001F\u007F-\u009F]+/g, ' ')
      .trim()
      .slice(0, MAX_MESSAGE_LENGTH)
  );
}
