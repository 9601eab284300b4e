import type { Connection, mongo } from 'mongoose';

/** The driver's database behind a mongoose connection, or another one of the same server. */
export function databaseOf(connection: Connection, name = connection.name): mongo.Db {
  return connection.getClient().db(name);
}
