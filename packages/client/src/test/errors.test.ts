import { describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { ADVICE } from '../error-advice.ts';
import { ERRORS } from '../error-table.ts';
import { ClientError, takeAdvice, type ClientErrorCode } from '../errors.ts';
import { VERSION } from '../version.ts';

describe('errors as data', () => {
  it('[PK4] without its sentences, an error is short and not wrong', () => {
    const error = new ClientError('camera-in-use');
    expect(error).toMatchObject({ message: 'camera-in-use', causes: [], solutions: [], code: 61013 });
  });

  it('[PK4] with them, it says what may be the matter and what helps, also one that was there before', () => {
    const before = new ClientError('camera-denied');
    takeAdvice(ADVICE);
    expect(before.solutions).toEqual(['Allow it in the site settings.']);
    expect(new ClientError('camera-denied').message).toBe('The camera was refused.');
    // What the gateway says itself is not said again.
    expect(new ClientError('token-expired', 'expired at noon')).toMatchObject({
      message: 'expired at noon',
      causes: [],
      solutions: ['Mint a new token and call updateToken().'],
    });
    for (const [cause, solution] of Object.values(ADVICE)) expect(cause + solution).not.toBe('');
  });

  it('[PK3] its facts survive JSON, and hold nothing of what led to it', () => {
    const error = new ClientError('rate-limited', 'slower', {
      retryAfterMs: 2000,
      callId: 'call-1',
      cause: { token: 'secret' },
    });
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: 'rate-limited',
      code: 31206,
      category: 'signaling',
      retryable: true,
      fatal: false,
      retryAfterMs: 2000,
      callId: 'call-1',
      message: 'slower',
      i18nKey: 'error.rate-limited',
      docsUrl: `https://unpkg.com/@parley/client@${VERSION}/dist/errors.html#rate-limited`,
    });
    expect(error.cause).toEqual({ token: 'secret' });
  });

  it('[PK3] a code that no error has does not compile', () => {
    const code: ClientErrorCode = new ClientError('microphone-denied').code;
    // @ts-expect-error: no error has this number
    const none: ClientErrorCode = 12345;
    expect(Object.values(ERRORS).map(([number]) => number)).toContain(code);
    expect(none).toBe(12345);
  });

  it('[PK3] the version is that of the package', () => {
    expect(VERSION).toBe(manifest.version);
  });
});
