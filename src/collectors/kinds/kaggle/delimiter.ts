const CANDIDATES = [',', ';', '\t', '|'];
const MAX_RECORDS = 50;

/**
 * Detects the delimiter of a CSV file: the character that occurs equally often in most of the first records, outside of
 * quotes. The result for a file with one column is a comma.
 * @param sample the beginning of the file; the last record may be incomplete and is ignored unless it is the only one.
 */
export function detectDelimiter(sample: string): string {
  const lines = sample.replace(/"[^"]*"/g, '').split(/\r\n|\n|\r/);
  if (lines.length > 2) lines.pop();
  const records = lines.filter((line) => line.trim() !== '').slice(0, MAX_RECORDS);
  let best = { delimiter: ',', score: 0, columns: 0 };
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
