import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipFile {
  readonly name: string;
  readonly content: Buffer;
  /** The checksum and size in the headers, for broken archives; correct by default. */
  readonly crc32?: number;
  readonly uncompressedSize?: number;
}

/** Writes a ZIP archive of deflated files (PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16). */
export function zipArchive(files: readonly ZipFile[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const file of files) {
    const name = Buffer.from(file.name);
    const data = deflateRawSync(file.content);
    const fields = commonFields(file, name.length, data.length);
    const local = Buffer.concat([uint32(0x04034b50), fields, name, data]);
    // Version made by; after the fields no comment, disk 0, no attributes, and the offset of the local header.
    const central = Buffer.concat([
      uint32(0x02014b50),
      uint16(20),
      fields,
      Buffer.alloc(10),
      uint32(offset),
      name,
    ]);
    parts.push(local);
    directory.push(central);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.concat([
    uint32(0x06054b50),
    uint32(0),
    uint16(files.length),
    uint16(files.length),
    uint32(central.length),
    uint32(offset),
    uint16(0),
  ]);
  return Buffer.concat([...parts, central, end]);
}

/** The fields from "version needed" to "extra field length", which both kinds of header have. */
function commonFields(file: ZipFile, nameBytes: number, compressedBytes: number): Buffer {
  return Buffer.concat([
    uint16(20),
    // Names are UTF-8.
    uint16(0x0800),
    uint16(8),
    // 1 January 1980, midnight.
    uint32(0x00210000),
    uint32(file.crc32 ?? crc32(file.content)),
    uint32(compressedBytes),
    uint32(file.uncompressedSize ?? file.content.length),
    uint16(nameBytes),
    uint16(0),
  ]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
