import type { Status } from '../../src/reports/status.ts';
import { formatStatus } from '../../src/reports/status-text.ts';

export interface SummaryOptions {
  /** From the start of the servers to the last video. */
  readonly seconds: number;
  readonly files: number;
  readonly audioDirectory: string;
  /** Where the servers' data are kept; undefined when they are removed. */
  readonly kept: string | undefined;
}

/** The last output of the demo. */
export function formatSummary(status: Status, options: SummaryOptions): string {
  const audioSeconds = status.audio.hours * 3600;
  return `
${formatStatus(status)}

${audioSeconds.toFixed(0)} s of audio in ${options.seconds.toFixed(1)} s: ${(audioSeconds / options.seconds).toFixed(1)} times real time, servers' start included.
The ${String(options.files)} MP3s to listen to: ${options.audioDirectory}
${options.kept === undefined ? "The servers' data were removed; add --keep to keep them." : `The servers' data and logs: ${options.kept}`}
Next: put playlists into playlist.txt, run \`npm start\`, and open the dashboard that it names.
`;
}
