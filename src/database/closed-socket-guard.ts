import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import mongoose from 'mongoose';

/** What is needed of the driver's connection, which is not part of its interface. */
interface DriverConnection {
  readonly socket: EventEmitter;
}
type WriteCommand = (this: DriverConnection, ...args: readonly unknown[]) => Promise<unknown>;

let isInstalled = false;

/**
 * Lets a command fail whose connection closes while it is written. The driver (mongodb 7.8.0, and 7.9.0 too) writes to
 * a socket that has just been destroyed, and then waits for its `drain`, which never comes. Where that was the heartbeat,
 * the client never connects again, however long the server has been back; any other command would hang for ever.
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
  const guarded: WriteCommand = async function (...args) {
    const closed = Promise.withResolvers<never>();
    const onClose = () => {
      closed.reject(
        new mongoose.mongo.MongoNetworkError('The connection closed while a command was being written.'),
      );
    };
    this.socket.once('close', onClose);
    try {
      return await Promise.race([Reflect.apply(write, this, args), closed.promise]);
    } finally {
      this.socket.off('close', onClose);
    }
  };
  Reflect.set(prototype, 'writeCommand', guarded);
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
