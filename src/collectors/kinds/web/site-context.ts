import { JobError } from '../../../domain/job-errors.ts';
import type { PoliteClient } from './polite-client.ts';
import type { CrawlState } from './state.ts';

/** Shared by all sites of one run. */
export interface SiteContext {
  readonly client: PoliteClient;
  readonly state: CrawlState;
  /** How many more item pages may be requested in this run. */
  readonly budget: { left: number };
  readonly now: () => Date;
}

/** Added to the note when selectors match nothing. */
export const MAY_HAVE_CHANGED = 'The site may have changed: check its selectors in sources.yaml.';

/**
 * The error that fails only one page or one site.
 * @throws all other errors: an interruption, and programming errors
 */
export function toPartFailure(error: unknown): JobError {
  if (!(error instanceof JobError) || error.outcome === 'interrupted') throw error;
  return error;
}
