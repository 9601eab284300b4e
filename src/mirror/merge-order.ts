/** UTF-16 code units from which on UTF-8 bytes and UTF-16 code units are ordered differently. */
const HIGH_UNIT = /[\ud800-\uffff]/;
const GROUP_END = '\uffff';

/**
 * The place of a name in a listing, the same whether the store orders names by UTF-8 bytes (S3) or by UTF-16 code units
 * (Azurite). The two orders differ only behind the first character from U+E000 on, where emoji (surrogates in UTF-16) come
 * before or after the rest. All names with the same text before such a character follow each other in both orders: they get
 * the same place and are a group, to be joined by name.
 *
 * Places are compared as JavaScript compares strings.
 */
export function mergePlace(name: string): string {
  const at = name.search(HIGH_UNIT);
  return at === -1 ? name : name.slice(0, at) + GROUP_END;
}

/** Whether the place is that of a group of names. */
export function isGroupPlace(place: string): boolean {
  return place.endsWith(GROUP_END);
}
