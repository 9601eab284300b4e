import { OperatorError, PermanentError, TransientError, type JobError } from '../domain/job-errors.ts';
import type { ErrorClass } from '../domain/error-classes.ts';
import {
  COOKIES_INVALID,
  FORMATS_UNUSABLE,
  ONLY_IMAGES,
  ONLY_PROTECTED,
  WITHOUT_REASON,
  YTDLP_ERROR_RULES,
  type YtDlpErrorRule,
} from './yt-dlp-error-rules.ts';
import { STDIN_NOTICE } from './yt-dlp-process.ts';
import { withoutEnd } from '../text/without-end.ts';

const MAX_MESSAGE_LENGTH = 400;
/** What the site tells somebody who is not signed in: with cookies that it no longer accepts, they are the reason. */
const NEEDS_ACCOUNT: ReadonlySet<ErrorClass> = new Set([
  'private',
  'members_only',
  'age_restricted',
  'sign_in_required',
  'payment_required',
  'playlist_missing',
  'bot_check',
]);

/**
 * The JobError of a failed run of yt-dlp. The errors decide. A warning counts only where the errors do not give the
 * reason (often the last one only says that something failed), because successful runs print most warnings too.
 * @param lines standard error
 */
export function classifyYtDlpFailure(
  lines: readonly string[],
  exitCode: number | null,
  now = new Date(),
): JobError {
  const { errors, warnings } = separate(lines);
  const found = firstMatch(YTDLP_ERROR_RULES, errors);
  const error = found?.rule.make(plainMessage(found.line), now) ?? unknownError(errors, warnings, exitCode);
  const isUnexplained = found?.rule.isUnexplained ?? error.errorClass === 'unknown';

  const cookiesInvalid = warnings.find((line) => COOKIES_INVALID.test(line));
  if (cookiesInvalid !== undefined && NEEDS_ACCOUNT.has(error.errorClass)) {
    return new OperatorError('cookies_unusable', `${plainMessage(cookiesInvalid)} (${error.message})`);
  }
  if (isUnexplained || isInconclusive(error)) {
    const proofs = YTDLP_ERROR_RULES.filter(
      (rule) => rule.warnings === 'proof' || (isUnexplained && rule.warnings === 'explanation'),
    );
    const proof = firstMatch(proofs, warnings);
    if (proof !== undefined) return proof.rule.make(plainMessage(proof.line), now);
  }
  return withoutFormats(error, warnings);
}

/** Whether another try at once may succeed: YouTube sometimes says so of videos that are available. */
export function isUnavailableWithoutReason({ errorClass, message }: JobError): boolean {
  if (errorClass !== 'removed' && errorClass !== 'sign_in_required') return false;
  return message.split('. ').every((sentence) => WITHOUT_REASON.test(sentence.replace(/\.$/, '')));
}

/** The error may be a consequence of what a warning reports. */
function isInconclusive(error: JobError): boolean {
  return ['extraction', 'no_audio'].includes(error.errorClass) || isUnavailableWithoutReason(error);
}

/** An error that may only mean that yt-dlp could use none of the formats says nothing about the video. */
function withoutFormats(error: JobError, warnings: readonly string[]): JobError {
  const find = (pattern: RegExp) => warnings.find((line) => pattern.test(line));
  const isDrm = error.errorClass === 'drm';
  if (!isDrm && error.errorClass !== 'no_audio' && !isUnavailableWithoutReason(error)) return error;
  const unusable = find(FORMATS_UNUSABLE);
  if (unusable === undefined && (isDrm || find(ONLY_PROTECTED) !== undefined)) {
    return isDrm ? error : new PermanentError('drm', 'This video is DRM protected');
  }
  const reason = unusable ?? find(ONLY_IMAGES);
  if (reason === undefined) return error;
  return new TransientError('extraction', `${error.message} (${plainMessage(reason)})`);
}

/** Warnings, and everything else. A line that begins with a blank continues the one before it. */
function separate(lines: readonly string[]): { readonly errors: string[]; readonly warnings: string[] } {
  const errors: string[] = [];
  const warnings: string[] = [];
  let kind = errors;
  for (const line of lines.map(foldQuotes)) {
    if (line.startsWith(STDIN_NOTICE)) continue;
    if (!/^\s/.test(line)) kind = line.startsWith('WARNING') ? warnings : errors;
    // A cover that is missing or refused says nothing about the audio.
    if (!/^WARNING:.*thumbnail/i.test(line)) kind.push(line);
  }
  return { errors, warnings };
}

/** The first rule that matches any of the lines, and the last line that it matches. */
function firstMatch(rules: readonly YtDlpErrorRule[], lines: readonly string[]) {
  for (const rule of rules) {
    const line = lines.findLast((text) => rule.pattern.test(text) && rule.also?.test(text) !== false);
    if (line !== undefined) return { rule, line };
  }
  return undefined;
}

function unknownError(
  errors: readonly string[],
  warnings: readonly string[],
  exitCode: number | null,
): TransientError {
  const last =
    errors.findLast((line) => line.startsWith('ERROR')) ?? [...warnings, ...errors].findLast(Boolean);
  return new TransientError(
    'unknown',
    last === undefined
      ? `yt-dlp ended with code ${String(exitCode)} without any output.`
      : plainMessage(last),
  );
}

function foldQuotes(line: string): string {
  return line.replaceAll(/[\u2018\u2019\u02BC]/g, "'").replaceAll(/[\u201C\u201D]/g, '"');
}

/** What yt-dlp adds to a message for somebody who calls it. */
const HINT =
  /please report this issue on|Use --cookies-from-browser|Use --list-formats|You might want|It is recommended to|For tips on how/i;

function withoutHint(message: string): string {
  const start = message.search(HINT);
  return start === -1 ? message : withoutEnd(message.slice(0, start), ' ').replace(/[;.]$/, '');
}

/** The message of the site, without yt-dlp's prefix and hints and control characters. */
function plainMessage(line: string): string {
  return (
    withoutHint(line.replace(/^(ERROR|WARNING): (\[[\w:]+\] ([\w-]+: )?)?/, ''))
      // Text from outside must not control a terminal.
      .replaceAll(/[\u0000-\u001F\u007F-\u009F]+/g, ' ')
      .trim()
      .slice(0, MAX_MESSAGE_LENGTH)
  );
}
