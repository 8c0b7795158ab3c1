import { CLOSE_CODES, mayRetryAfter as mayRetryByProtocol, WIRE_ERRORS, WIRE_LIMITS } from '@parley/protocol';
import { describe, expect, it } from 'vitest';
import { failureOfClose, mayRetryAfter } from '../core/failure.ts';
import { ADVICE } from '../error-advice.ts';
import { ERRORS, type ErrorEntry } from '../error-table.ts';
import { ClientError, errorFromWire } from '../errors.ts';
import { PARAM_LIMITS } from '../shell/connect-params.ts';
import { MESSAGE_BYTES_MAX } from '../shell/mid-call.ts';

/** The SDK has the wire's tables in a form of its own, because every application carries them. */
describe('what the gateway refuses', () => {
  it('[CS65] has the numbers and hopes of the protocol, and an advice', () => {
    const table: Readonly<Record<string, ErrorEntry>> = ERRORS;
    const ours = Object.keys(WIRE_ERRORS).map((name) => [
      name,
      table[name]?.[0],
      table[name]?.[2] === 'again',
    ]);
    const wires = Object.entries(WIRE_ERRORS).map(([name, { code, retryable }]) => [name, code, retryable]);
    expect(ours).toEqual(wires);
    for (const name of Object.keys(WIRE_ERRORS))
      expect(ADVICE[name as keyof typeof ADVICE][1]).toMatch(/\.$/);
  });

  it('[CS65] gives every error of its own a number of its own', () => {
    const own = Object.entries(ERRORS).filter(([name]) => !Object.hasOwn(WIRE_ERRORS, name));
    // 53000 is Twilio's for a gateway that could not be reached and for one that failed.
    expect(new Set(own.map(([, [code]]) => code)).size).toBe(own.length);
    expect(new ClientError('microphone-in-use')).toMatchObject({
      code: 61002,
      category: 'device',
      retryable: true,
    });
    expect(new ClientError('camera-denied')).toMatchObject({
      code: 61011,
      retryable: false,
    });
  });

  it('[CS65] understands a name it has never heard of', () => {
    const error = errorFromWire({ code: 69999, name: 'from-the-future', message: 'no' });
    expect(error).toMatchObject({ name: 'unknown', message: 'no' });
    // What every object has is not an error's name.
    expect(errorFromWire({ code: 69999, name: 'constructor', message: 'no' }).name).toBe('unknown');
  });
});

it('[CS66] what a call may be placed with is limited as by the protocol', () => {
  expect(PARAM_LIMITS).toMatchObject({ count: WIRE_LIMITS.paramCountMax, bytes: WIRE_LIMITS.paramBytesMax });
});

it('[MC32] the ceiling of a message is the wire’s', () => {
  expect(MESSAGE_BYTES_MAX).toBe(WIRE_LIMITS.messageBytesMax);
});

describe('close codes', () => {
  it('[CS3] are retried exactly where the protocol says so', () => {
    const codes = [1000, 1001, 1006, ...Object.values(CLOSE_CODES).map(({ code }) => code)];
    expect(codes.filter(mayRetryAfter)).toEqual(codes.filter(mayRetryByProtocol));
  });

  it('[CS3] say why', () => {
    const nameOf = (code: number, wasOnline = true) =>
      failureOfClose({ code, reason: '', complaint: null, wasOnline }).name;
    expect(nameOf(CLOSE_CODES.tokenRefused.code)).toBe('token-invalid');
    expect(nameOf(CLOSE_CODES.tokenExpired.code)).toBe('token-expired');
    expect(nameOf(CLOSE_CODES.unsupportedVersion.code)).toBe('unsupported-version');
    expect(nameOf(CLOSE_CODES.draining.code)).toBe('draining');
    expect(nameOf(CLOSE_CODES.heartbeatLost.code)).toBe('connection-lost');
    expect(nameOf(1006, false)).toBe('connection-failed');
  });
});
