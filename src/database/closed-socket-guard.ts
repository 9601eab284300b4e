import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import mongoose from 'mongoose';

const { MongoError, MongoNetworkError } = mongoose.mongo;

/** What is needed of the driver's connection, which is not part of its interface. */
interface DriverConnection {
  readonly socket: EventEmitter;
}
/** Writes a command to the socket of its connection. */
export type WriteCommand = (this: DriverConnection, ...args: readonly unknown[]) => Promise<unknown>;

let isInstalled = false;

/**
 * Lets a command fail whose connection closes while it is written. The driver (mongodb 7.8.0, and 7.9.0 too) writes to
 * a socket that has just been destroyed, and then waits for its `drain`, which never comes. Where that was the heartbeat,
 * the client never connects again, however long the server has been back; any other command would hang for ever. And an error
 * of the socket in that wait comes through as it is.
 */
export function guardClosedSockets(): void {
  if (isInstalled) return;
  isInstalled = true;
  // The driver that mongoose brings, wherever it was installed.
  const require = createRequire(createRequire(import.meta.url).resolve('mongoose'));
  const driver: unknown = require('mongodb/lib/cmap/connection.js');
  const prototype = prototypeOf(driver);
  const write: unknown = prototype && Reflect.get(prototype, 'writeCommand');
  // Another version may be built in another way; a test in test/faults tells whether it needs this.
  if (prototype === undefined || !isWriteCommand(write)) return;
  Reflect.set(prototype, 'writeCommand', guardedWrite(write));
}

/** The same function, except that it fails when the connection closes, and always with an error of the driver. */
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
      // Let through as it is, the error of a socket would not tell the driver, nor us, that the server is away.
      if (!(error instanceof Error) || error instanceof MongoError || !('syscall' in error)) throw error;
      throw new MongoNetworkError(error.message, { cause: error });
    } finally {
      this.socket.off('close', onClose);
    }
  };
}

function prototypeOf(driver: unknown): object | undefined {
  if (typeof driver !== 'object' || driver === null || !('Connection' in driver)) return undefined;
  const { Connection } = driver;
  if (typeof Connection !== 'function') return undefined;
  const prototype: unknown = Connection.prototype;
  return typeof prototype === 'object' && prototype !== null ? prototype : undefined;
}

function isWriteCommand(value: unknown): value is WriteCommand {
  return typeof value === 'function';
}
