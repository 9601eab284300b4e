const REMINDER_MS = 15_000;

/** Prints a line on standard error, because standard output belongs to the command. @param {string} line */
export function say(line) {
  process.stderr.write(`[set-up] ${line}\n`);
}

/**
 * Runs one step; prints when it begins, regularly that it is running, and how long it took.
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(name, work) {
  const begin = Date.now();
  const seconds = () => ((Date.now() - begin) / 1000).toFixed(1);
  say(`${name} …`);
  const reminder = setInterval(
    () => say(`${name}: still running (${Math.round(Number(seconds()))} s)`),
    REMINDER_MS,
  );
  try {
    const result = await work();
    say(`${name}: done (${seconds()} s)`);
    return result;
  } finally {
    clearInterval(reminder);
  }
}
