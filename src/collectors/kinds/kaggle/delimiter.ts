const CANDIDATES = [',', ';', '\t', '|'] as const;
const MAX_RECORDS = 50;

/**
 * Finds what separates the values of a CSV file: the character that stands equally often in the most of its first
 * records, outside of quotes. A file of one column has a comma.
 * @param sample the beginning of the file; its last record may be cut and is not looked at unless it is the only one.
 */
export function detectDelimiter(sample: string): string {
  const records = firstRecords(sample);
  let best: { delimiter: string; score: number; columns: number } = { delimiter: ',', score: 0, columns: 0 };
  for (const delimiter of CANDIDATES) {
    const counts = records.map((record) => record.split(delimiter).length - 1);
    const columns = counts[0] ?? 0;
    if (columns === 0) continue;
    const score = counts.filter((count) => count === columns).length;
    if (score > best.score || (score === best.score && columns > best.columns)) {
      best = { delimiter, score, columns };
    }
  }
  return best.delimiter;
}

/** The first records without their quoted parts and without blank lines. */
function firstRecords(sample: string): string[] {
  const records: string[] = [];
  const unquoted = sample.replace(/"[^"]*"/g, '');
  const lines = unquoted.split(/\r\n|\n|\r/);
  if (lines.length > 2) lines.pop();
  for (const line of lines) {
    if (line.trim() !== '') records.push(line);
    if (records.length === MAX_RECORDS) break;
  }
  return records;
}
