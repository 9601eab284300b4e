import type { Request } from 'express';
import type { Messages } from '../text/messages/en.ts';
import { messagesOf } from '../text/messages/messages-of.ts';
import { visitorOf, type Visitor } from './access.ts';
import { languageOf } from './language.ts';

/** Who reads a page, and the texts of their language. */
export interface Reader {
  readonly visitor: Visitor;
  readonly messages: Messages;
}

/** The reader of a request. */
export function readerOf(request: Request): Reader {
  return { visitor: visitorOf(request), messages: messagesOf(languageOf(request)) };
}
