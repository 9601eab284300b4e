/**
 * One address under which sites see this installation: a network address (with or without a proxy), with or without the
 * cookies of an account. Sites limit such an address, not a process, so all workers share its budget and its rests.
 */
export interface EgressAddress {
  /** The only part of it that logs, status and metrics show. */
  readonly name: string;
  /** URL of the proxy; may hold a password. */
  readonly proxy?: string;
  /** A file in Netscape format; each process works on a copy. */
  readonly cookiesFile?: string;
  /** Most starts of downloads and listings in any hour; 0 sets no limit. */
  readonly budgetPerHour: number;
  /** The least time between two starts; up to as much again is added at random. */
  readonly spacingMs: number;
}
