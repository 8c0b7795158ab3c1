import { notifications } from './codes.ts';
import { Complaints } from './complaints.ts';
import type { ParseResult } from './document.ts';
import { limits, utf8Bytes } from './limits.ts';
import { looksLikeAtSight } from './looks-like.ts';
import { locator, type Locate } from './position.ts';
import { readVerbs } from './read-verbs.ts';
import type { Flaw } from './scan.ts';
import { parseTree } from './tree.ts';

/**
 * Reads RCML text into a document. Never throws: what cannot be read is refused with a complaint that says
 * where, why and what it looks like; what can be read around is, with a complaint too.
 */
export function parseRcml(text: string): ParseResult {
  const locate = locator(text);
  if (utf8Bytes(text) > limits.documentBytesMax) {
    return refuse(locate, {
      looksLike: 'too-large',
      index: 0,
      message: `The document is larger than ${limits.documentBytesMax / 1024} KiB.`,
      remedy: 'Send less, or go on with <Redirect>.',
    });
  }
  const atSight = looksLikeAtSight(text);
  if (atSight) return refuse(locate, atSight);
  const tree = parseTree(text, locate);
  if ('flaw' in tree) return refuse(locate, tree.flaw);
  const { root, mends } = tree;
  if (root.name !== 'Response') {
    return refuse(() => root.at, {
      looksLike: 'wrong-root',
      index: 0,
      message: `The outermost element is <${root.name}>.`,
      remedy:
        root.name.toLowerCase() === 'response'
          ? 'Write <Response>: names are compared with case.'
          : 'Put everything into one <Response>.',
    });
  }
  const complaints = new Complaints();
  for (const { at, message, remedy } of mends) complaints.add(notifications.oddity, at, message, remedy);
  const document = { verbs: readVerbs(root, complaints) };
  return { ok: true, document, complaints: complaints.list };
}

/** A refusal of the whole text, with its one complaint. */
export function refuse(locate: Locate, { looksLike, index, message, remedy }: Flaw): ParseResult {
  const complaints = new Complaints();
  complaints.add(kindOf(looksLike), locate(index), message, remedy);
  return { ok: false, looksLike, complaints: complaints.list };
}

function kindOf(looksLike: Flaw['looksLike']): (typeof notifications)[keyof typeof notifications] {
  if (looksLike === 'too-large') return notifications.documentTooLarge;
  if (looksLike === 'wrong-content-type') return notifications.contentTypeUnusable;
  return notifications.documentUnreadable;
}
