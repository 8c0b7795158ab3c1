import type { NotificationKind } from './codes.ts';
import type { Complaint, Position } from './document.ts';
import { limits } from './limits.ts';

/** Collects what is to be said about one document, up to a ceiling. */
export class Complaints {
  readonly #list: Complaint[] = [];

  /** Adds a complaint; without a remedy of its own it carries the general one of its kind. */
  add(kind: NotificationKind, at: Position, message: string, remedy: string = kind.remedy): void {
    if (this.isFull) return;
    this.#list.push({ code: kind.code, severity: kind.severity, message: clip(message), at, remedy });
  }

  /** True when another complaint would not be kept, and need not be worded. */
  get isFull(): boolean {
    return this.#list.length >= limits.complaintsMax;
  }

  /** In the order of the text. */
  get list(): readonly Complaint[] {
    return this.#list.toSorted((a, b) => a.at.line - b.at.line || a.at.column - b.at.column);
  }
}

/** A message quotes the document, and what is quoted may be the length of the document. */
function clip(message: string): string {
  return message.length > limits.messageLengthMax ? `${message.slice(0, limits.messageLengthMax)}…` : message;
}
