/** Downloads MongoDB's server into a directory and prints its path: download-mongod.mjs DIRECTORY */
import { MongoBinary } from 'mongodb-memory-server-core';

const [, , downloadDir] = process.argv;
if (downloadDir === undefined) throw new Error('The directory is missing.');
process.stdout.write(`${await MongoBinary.getPath({ downloadDir })}\n`);
