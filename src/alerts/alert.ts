/** A problem that a person should know about, for as long as it lasts. */
export interface Alert {
  /** Identifies the problem: `paused.download.disk_full`. */
  readonly key: string;
  /** A few words in ASCII: some services receive it in a header. */
  readonly title: string;
  /** What happened, and what to do. No secrets. */
  readonly message: string;
  readonly since: Date;
}

/** An alert that began or has ended. */
export interface AlertChange {
  readonly event: 'firing' | 'resolved';
  readonly alert: Alert;
  readonly at: Date;
}

/** The alerts that have ended since the last evaluation, then those that are new. */
export function changesBetween(sent: readonly Alert[], current: readonly Alert[], at: Date): AlertChange[] {
  const notIn = (others: readonly Alert[]) => {
    const keys = new Set(others.map(({ key }) => key));
    return ({ key }: Alert) => !keys.has(key);
  };
  return [
    ...sent.filter(notIn(current)).map((alert) => ({ event: 'resolved' as const, alert, at })),
    ...current.filter(notIn(sent)).map((alert) => ({ event: 'firing' as const, alert, at })),
  ];
}
