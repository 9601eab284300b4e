/** The options of the command `queues`. A list is empty where `--all` names the queues. */
export interface QueuesOptions {
  readonly pause?: true | readonly string[];
  readonly resume?: true | readonly string[];
  readonly all?: boolean;
  readonly endRest?: string;
  readonly json?: boolean;
}
