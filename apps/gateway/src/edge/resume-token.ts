import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { SessionId } from '@parley/protocol';

/**
 * Resume tokens are made from the session's name and a key that lives as long as the process, so that none is stored:
 * a session costs nothing for it, and a token of an earlier process proves nothing.
 */
export class ResumeTokens {
  readonly #key = randomBytes(32);

  tokenFor(sessionId: SessionId): string {
    return this.#digest(sessionId).toString('base64url');
  }

  /** Takes the same time whatever is wrong with the token. */
  proves(sessionId: SessionId, resumeToken: string): boolean {
    const given = Buffer.from(resumeToken, 'base64url');
    const expected = this.#digest(sessionId);
    return given.length === expected.length && timingSafeEqual(given, expected);
  }

  #digest(sessionId: SessionId): Buffer {
    return createHmac('sha256', this.#key).update(sessionId).digest();
  }
}
