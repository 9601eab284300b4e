import type { PoliteClient } from './polite-client.ts';
import type { WebMemory } from './state.ts';

/** What the sites of one run share. */
export interface SiteRun {
  readonly client: PoliteClient;
  readonly memory: WebMemory;
  readonly budget: PageBudget;
  readonly now: () => Date;
}

/** How many pages of items may still be asked for. */
export interface PageBudget {
  left: number;
}
