import { JobError } from '../../../domain/job-errors.ts';

/** What a person should look at when selectors find nothing. */
export const MAY_HAVE_CHANGED = 'The site may have changed: look at its selectors in sources.yaml.';

/**
 * The failure that ends one page or one site only.
 * @throws everything else: a wish to stop, and mistakes of the program
 */
export function failureOfPart(error: unknown): JobError {
  if (!(error instanceof JobError) || error.outcome === 'interrupted') throw error;
  return error;
}
