import type { Overview } from '../../reports/overview.ts';
import type { Messages } from '../../text/messages/en.ts';

/** What a part of the overview is rendered from. */
export interface View {
  readonly overview: Overview;
  readonly messages: Messages;
  /** Whether its reader is an operator. */
  readonly canChange: boolean;
}
