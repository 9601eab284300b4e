import { once } from 'node:events';

/** Standard output for long reports. */
export interface Output {
  /** Writes, and waits while the reader is behind. */
  write(text: string): Promise<void>;
}

/** Makes a stream an output that ends the process quietly, as is usual, when its reader (`head`) goes away. */
export function createOutput(stream: NodeJS.WriteStream): Output {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  return {
    write: async (text) => {
      if (!stream.write(text)) await once(stream, 'drain');
    },
  };
}
