import { LineCounter, isNode, isScalar, parseDocument, type Document } from 'yaml';

/** A position in a document: names of fields and indexes of lists. */
export type YamlPath = readonly PropertyKey[];

/** Protects against texts whose aliases expand until the memory is full. */
const MAX_ALIASES = 100;

/** How the parser words its own end. */
const STACK_OVERFLOW = 'call stack';
const TOO_DEEP = 'it is nested too deeply';

/** The result of reading a text. */
export interface YamlText {
  readonly value: unknown;
  /** What keeps the text from being read, one line each; the value is then undefined. */
  readonly problems: readonly string[];
  /** The line (from 1) of the path, or of the longest beginning of the path that exists. */
  readonly lineOf: (path: YamlPath) => number;
  /** A plain value as it is written, such as `014` for the number 14. */
  readonly writtenAt: (path: YamlPath) => string | undefined;
}

/** Parses YAML 1.2, in which `no` is a text and not false. Never throws, whatever the text. */
export function readYaml(text: string): YamlText {
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
    const problems = document.errors.map(
      ({ pos, message }) =>
        `line ${String(lines.linePos(pos[0]).line)}: ${message.includes(STACK_OVERFLOW) ? TOO_DEEP : message}`,
    );
    const lineOf = (path: YamlPath) => {
      const offset = offsetOf(document, path);
      return offset === undefined ? 1 : lines.linePos(offset).line;
    };
    const writtenAt = (path: YamlPath) => {
      const node = document.getIn(path, true);
      return isScalar(node) ? node.source : undefined;
    };
    if (problems.length > 0) return { value: undefined, problems, lineOf, writtenAt };
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    const problem = containsItself(value)
      ? 'an alias (*name) stands within its own anchor (&name)'
      : undefined;
    return problem === undefined
      ? { value, problems, lineOf, writtenAt }
      : { value: undefined, problems: [problem], lineOf, writtenAt };
  } catch (error) {
    return { value: undefined, problems: [describe(error)], lineOf: () => 1, writtenAt: () => undefined };
  }
}

/** The parser throws these only while it reads aliases, and at its own depth. */
function describe(error: unknown): string {
  if (error instanceof RangeError) return TOO_DEEP;
  if (error instanceof ReferenceError)
    return `its aliases (*name) stand for more than ${String(MAX_ALIASES)} values, or for none; write the values out`;
  throw error;
}

/** @param above the values that this one stands within */
function containsItself(value: unknown, above = new Set<unknown>()): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (above.has(value)) return true;
  above.add(value);
  const does = Object.values(value).some((child) => containsItself(child, above));
  above.delete(value);
  return does;
}

function offsetOf(document: Document, path: YamlPath): number | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return document.contents?.range?.[0];
}
