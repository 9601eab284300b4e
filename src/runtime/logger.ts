import process from 'node:process';
import { isatty } from 'node:tty';
import { withShownAddresses } from '../domain/shown-address.ts';
import { commandsAsTyped } from './command-form.ts';
import { pino, type LevelWithSilent, type Logger as PinoLogger } from 'pino';

// Loaded only on a terminal: it costs several megabytes in each process.
const pretty = isatty(2) ? (await import('pino-pretty')).PinoPretty : undefined;

export type Logger = PinoLogger;

/** Values under these names never reach a log. */
const REDACTED = ['password', 'secretKey', 'sasToken', 'connectionString', 'key', 'cookies', 'authorization'];

/** Logs to standard error: readable lines on a terminal, one JSON object a line otherwise. */
export function createLogger(
  level: LevelWithSilent,
  bindings: Readonly<Record<string, string>> = {},
): Logger {
  const destination =
    pretty === undefined
      ? pino.destination({ fd: 2, sync: true })
      : pretty({
          destination: 2,
          sync: true,
          colorize: process.stderr.isTTY && process.stderr.hasColors(),
          ignore: 'pid,hostname',
        });
  return pino(
    {
      level,
      base: bindings,
      redact: { paths: REDACTED, censor: '[redacted]' },
      // Also the advice of errors names commands as they are typed here; causes of errors may contain addresses.
      hooks: { streamWrite: (line) => withShownAddresses(commandsAsTyped(line)) },
    },
    destination,
  );
}

/** A logger without output, for commands whose output is a report. */
export function createSilentLogger(): Logger {
  return pino({ level: 'silent' });
}
