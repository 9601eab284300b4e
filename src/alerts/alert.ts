/** Something that a person should know, for as long as it lasts. */
export interface Alert {
  /** The same for as long as it is the same trouble: `paused.download.disk_full`. */
  readonly key: string;
  /** A few words in ASCII: some services take it as a header. */
  readonly title: string;
  /** What happened, and what to do. No secrets. */
  readonly message: string;
  readonly since: Date;
}

/** An alert that is new, or one that is over. */
export interface AlertChange {
  readonly event: 'firing' | 'resolved';
  readonly alert: Alert;
  readonly at: Date;
}

/** What changed between what was told last and what is now. */
export function changesBetween(told: readonly Alert[], now: readonly Alert[], at: Date): AlertChange[] {
  const keys = (alerts: readonly Alert[]) => new Set(alerts.map(({ key }) => key));
  const toldKeys = keys(told);
  const currentKeys = keys(now);
  return [
    ...told
      .filter(({ key }) => !currentKeys.has(key))
      .map((alert) => ({ event: 'resolved' as const, alert, at })),
    ...now.filter(({ key }) => !toldKeys.has(key)).map((alert) => ({ event: 'firing' as const, alert, at })),
  ];
}
