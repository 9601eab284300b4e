import { z } from 'zod';
import { ERROR_CLASS_NAMES } from '../../domain/error-classes.ts';
import type { JobError } from '../../domain/job-errors.ts';

const MAX_MESSAGE_LENGTH = 2_000;

/** The last failure of a video, playlist or run. */
export const failure = z.object({
  class: z.enum(ERROR_CLASS_NAMES),
  message: z.string(),
  advice: z.string(),
  at: z.date(),
});

/** @param state `failed` when nothing follows by itself. */
export function failureFields(
  error: JobError,
  at: Date,
  state: 'open' | 'failed' = 'open',
): z.infer<typeof failure> {
  const message = error.message.slice(0, MAX_MESSAGE_LENGTH);
  return {
    class: error.errorClass,
    message,
    advice: state === 'failed' ? error.adviceWhenFailed : error.advice,
    at,
  };
}
