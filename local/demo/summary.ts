import type { Status } from '../../src/reports/status.ts';
import { formatStatus } from '../../src/reports/status-text.ts';

/** What the summary tells besides the status. */
export interface SummaryFacts {
  /** From the start of the servers to the last video. */
  readonly seconds: number;
  readonly files: number;
  readonly audioDirectory: string;
  /** Where the servers' data stay, if they do. */
  readonly kept: string | undefined;
}

/** The end of the demo, as text. */
export function formatSummary(status: Status, facts: SummaryFacts): string {
  const audioSeconds = status.audio.hours * 3600;
  return `
${formatStatus(status)}

${audioSeconds.toFixed(0)} s of audio in ${facts.seconds.toFixed(1)} s: ${(audioSeconds / facts.seconds).toFixed(1)} times real time, servers' start included.
The ${String(facts.files)} MP3s to listen to: ${facts.audioDirectory}
${facts.kept === undefined ? "The servers' data are gone; add --keep to leave them." : `The servers' data and logs: ${facts.kept}`}
Next: put playlists into playlist.txt, type \`npm start\`, and open the dashboard it names.
`;
}
