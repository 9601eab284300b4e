import type { CheerioAPI } from 'cheerio';
import { BLOCK_TAGS, HIDDEN_TAGS } from '../../../text/html-tags.ts';

type Selection = ReturnType<CheerioAPI>;
type PageNode = Selection extends Iterable<infer Node> ? Node : never;

/** As in the DOM. */
const TEXT_NODE = 3;

/**
 * The text of the selected elements as people see it; of a `meta` element its content. An element within another selected
 * one is already in the text of that one. Takes time in proportion to the size of the elements.
 */
export function visibleText(selection: Selection): string {
  const nodes = selection.toArray();
  const selected = new Set<unknown>(nodes);
  const pieces: string[] = [];
  for (const node of nodes) {
    if (isWithin(node, selected)) continue;
    const content = 'attribs' in node && node.name === 'meta' ? node.attribs['content'] : undefined;
    if (content === undefined) addText(node, pieces);
    else pieces.push(content);
    pieces.push('\n');
  }
  return pieces.join('');
}

function addText(node: PageNode, pieces: string[]): void {
  if (!('children' in node)) {
    if (node.nodeType === TEXT_NODE && 'data' in node) pieces.push(node.data);
    return;
  }
  for (const child of node.children) {
    const name = 'name' in child ? child.name : '';
    if (HIDDEN_TAGS.has(name)) continue;
    const isBlock = BLOCK_TAGS.has(name);
    if (isBlock) pieces.push(' ');
    addText(child, pieces);
    if (isBlock) pieces.push(' ');
  }
}

function isWithin(node: PageNode, selected: ReadonlySet<unknown>): boolean {
  for (let { parent } = node; parent !== null; { parent } = parent) if (selected.has(parent)) return true;
  return false;
}
