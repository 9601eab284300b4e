import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import mongoose from 'mongoose';

const { MongoError, MongoNetworkError } = mongoose.mongo;

/** The part of the driver's connection that is needed here; it is not in the driver's public types. */
interface DriverConnection {
  readonly socket: EventEmitter;
}
/** Writes a command to the socket of its connection. */
export type WriteCommand = (this: DriverConnection, ...args: readonly unknown[]) => Promise<unknown>;
interface DriverModule {
  readonly Connection?: { readonly prototype: { writeCommand?: WriteCommand } };
}

let isInstalled = false;

/**
 * Makes a command fail when its connection closes while the command is being written. The driver (mongodb 7.8.0 and
 * 7.9.0) can write to a socket that was just destroyed and then waits for its `drain` event, which never comes. When
 * that command is the heartbeat, the client never connects again, even after the server is back; any other command hangs
 * for ever. A socket error during that wait is also not turned into an error of the driver.
 */
export function guardClosedSockets(): void {
  if (isInstalled) return;
  isInstalled = true;
  // The driver that mongoose depends on, wherever npm installed it.
  const require = createRequire(createRequire(import.meta.url).resolve('mongoose'));
  const driver = require('mongodb/lib/cmap/connection.js') as DriverModule;
  const prototype = driver.Connection?.prototype;
  // Another version of the driver may be built differently; a test in test/faults shows whether it needs this guard.
  if (prototype?.writeCommand === undefined) return;
  prototype.writeCommand = guardedWrite(prototype.writeCommand);
}

/** The same function, except that it rejects when the connection closes, and socket errors become a MongoNetworkError. */
export function guardedWrite(write: WriteCommand): WriteCommand {
  return async function (...args) {
    const closed = Promise.withResolvers<never>();
    const onClose = () => {
      closed.reject(new MongoNetworkError('The connection closed while a command was being written.'));
    };
    this.socket.once('close', onClose);
    try {
      return await Promise.race([Reflect.apply(write, this, args), closed.promise]);
    } catch (error) {
      // Neither the driver nor `isDatabaseUnavailable` would recognise the socket's own error as a lost connection.
      if (!(error instanceof Error) || error instanceof MongoError || !('syscall' in error)) throw error;
      throw new MongoNetworkError(error.message, { cause: error });
    } finally {
      this.socket.off('close', onClose);
    }
  };
}
