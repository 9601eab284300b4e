/**
 * Cuts content into blocks of equal size; only the last one may be smaller. Empty content is one empty block.
 * The same buffer is yielded each time: the caller must be done with a block before it asks for the next.
 */
export async function* cutIntoBlocks(
  content: AsyncIterable<Uint8Array>,
  blockBytes: number,
): AsyncGenerator<Buffer, void> {
  const block = Buffer.allocUnsafeSlow(blockBytes);
  let filledBytes = 0;
  let isEmpty = true;
  for await (const chunk of content) {
    for (let at = 0; at < chunk.byteLength;) {
      const taken = Math.min(chunk.byteLength - at, blockBytes - filledBytes);
      block.set(chunk.subarray(at, at + taken), filledBytes);
      at += taken;
      filledBytes += taken;
      if (filledBytes < blockBytes) continue;
      yield block;
      filledBytes = 0;
      isEmpty = false;
    }
  }
  if (filledBytes > 0 || isEmpty) yield block.subarray(0, filledBytes);
}
