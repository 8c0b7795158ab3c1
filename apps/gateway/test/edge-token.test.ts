import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { clientAddress } from '../src/edge/client-address.ts';
import { mintToken, verifyToken, type TokenVerdict } from '../src/edge/token.ts';
import { ACCOUNT, KEY, KEYS, OTHER_ACCOUNT, OTHER_SECRET, SECRET, tokenFor } from './edge-phone.ts';

const NOW_MS = 1_800_000_000_000;
const NOW_SECONDS = NOW_MS / 1000;

function verify(token: string, wallMs = NOW_MS): Promise<TokenVerdict> {
  return verifyToken(token, KEYS, { wallMs, skewMs: 30_000 });
}

/** A JWT with nothing checked, as a broken or hostile token server makes it. */
function jwt(header: object, payload: object, secret = SECRET): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part(header)}.${part(payload)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

const HEADER = { alg: 'HS256', typ: 'JWT' };
const CLAIMS = { iss: ACCOUNT, sub: 'jenny', exp: NOW_SECONDS + 60, parley: { incoming: { allow: true } } };
const TWILIO_HEADER = { alg: 'HS256', typ: 'JWT', cty: 'twilio-fpa;v=1' };
const TWILIO_CLAIMS = {
  jti: `${KEY}-1`,
  iss: KEY,
  sub: ACCOUNT,
  exp: NOW_SECONDS + 60,
  grants: { identity: 'jenny', voice: { incoming: { allow: true }, outgoing: { application_sid: 'AP1' } } },
};

async function refusal(token: string, wallMs = NOW_MS): Promise<string> {
  const verdict = await verify(token, wallMs);
  if (verdict.ok) throw new Error('the token was accepted');
  expect(verdict.error.message).not.toContain(token.split('.')[1] ?? token);
  return verdict.error.name;
}

describe('our form', () => {
  it('[AC4] says who, where, until when, and what is allowed', async () => {
    const outgoing = { application: 'AP1', params: { tier: 'gold' } };
    const token = await tokenFor('jenny', { issuer: KEY, wallMs: NOW_MS, outgoing });
    expect(await verify(token)).toEqual({
      ok: true,
      token: {
        accountSid: ACCOUNT,
        identity: 'jenny',
        expiresAtMs: NOW_MS + 3_600_000,
        grants: { incomingAllow: true, outgoing, transferAllow: true },
      },
    });
  });

  it('[AC4] allows nothing it does not name', async () => {
    expect(await verify(jwt(HEADER, { ...CLAIMS, parley: {} }))).toMatchObject({
      ok: true,
      token: { grants: { incomingAllow: false, outgoing: undefined } },
    });
  });

  it.each([
    ['no grants', { ...CLAIMS, parley: undefined }],
    ['no identity', { ...CLAIMS, sub: undefined }],
    ['an identity with a prefix', { ...CLAIMS, sub: 'client:jenny' }],
    ['an identity with parameters', { ...CLAIMS, sub: 'jenny?a=b' }],
    ['grants of another shape', { ...CLAIMS, parley: { incoming: { allow: 'yes' } } }],
    ['too many parameters', { ...CLAIMS, parley: { outgoing: { params: { a: 'x'.repeat(5000) } } } }],
  ])('[AC4] is refused with %s', async (_, claims) => {
    expect(await refusal(jwt(HEADER, claims))).toBe('token-invalid');
  });

  it('[AC11] is minted for identities only, and with secrets that are long enough', async () => {
    await expect(tokenFor('')).rejects.toThrow('not a valid name');
    await expect(tokenFor('client:jenny')).rejects.toThrow('not a valid name');
    await expect(tokenFor('jenny', { secret: 'short' })).rejects.toThrow('too short');
    const order = {
      issuer: ACCOUNT,
      secret: SECRET,
      ttlSeconds: 1,
      incoming: false,
      outgoing: false,
      wallMs: NOW_MS,
    };
    expect(await verify(await mintToken({ ...order, identity: 'Jürgen Groß' }))).toMatchObject({
      token: { identity: 'Jürgen Groß', grants: { incomingAllow: false, outgoing: undefined } },
    });
  });
});

describe("Twilio's form", () => {
  it('[AC5] says the same in its own words', async () => {
    expect(await verify(jwt(TWILIO_HEADER, TWILIO_CLAIMS))).toEqual({
      ok: true,
      token: {
        accountSid: ACCOUNT,
        identity: 'jenny',
        expiresAtMs: NOW_MS + 60_000,
        grants: {
          incomingAllow: true,
          outgoing: { application: 'AP1', params: {} },
          transferAllow: true,
        },
      },
    });
  });

  it('[AC5] neither form is read as the other', async () => {
    expect(await refusal(jwt(HEADER, TWILIO_CLAIMS))).toBe('token-invalid');
    expect(await refusal(jwt(TWILIO_HEADER, CLAIMS))).toBe('token-invalid');
  });

  it('[AC5] needs a voice grant', async () => {
    const claims = { ...TWILIO_CLAIMS, grants: { identity: 'jenny', chat: {} } };
    expect(await refusal(jwt(TWILIO_HEADER, claims))).toBe('token-invalid');
  });
});

describe('every token', () => {
  it('[AC2] is signed with HS256, whatever it says itself', async () => {
    const none = `${jwt({ alg: 'none' }, CLAIMS).split('.').slice(0, 2).join('.')}.`;
    expect(await refusal(none)).toBe('token-invalid');
    expect(await refusal(jwt({ alg: 'HS512', typ: 'JWT' }, CLAIMS))).toBe('token-invalid');
    expect(await refusal(jwt({ alg: 'RS256', typ: 'JWT' }, CLAIMS))).toBe('token-invalid');
    expect(await refusal(jwt({ ...HEADER, crit: ['exp'] }, CLAIMS))).toBe('token-invalid');
  });

  it('[AC2] is not verified with a secret that could be guessed', async () => {
    expect(await refusal(jwt(HEADER, { ...CLAIMS, iss: 'SKshort' }, 'short'))).toBe('token-invalid');
  });

  it('[AC3] ends, with half a minute for clocks that differ', async () => {
    const token = jwt(HEADER, CLAIMS);
    expect(await verify(token, NOW_MS + 89_000)).toMatchObject({ ok: true });
    expect(await refusal(token, NOW_MS + 91_000)).toBe('token-expired');
    expect(await refusal(jwt(HEADER, { ...CLAIMS, exp: undefined }))).toBe('token-invalid');
    expect(await refusal(jwt(HEADER, { ...CLAIMS, exp: 'never' }))).toBe('token-invalid');
  });

  it('[AC3] may begin later', async () => {
    const token = jwt(HEADER, { ...CLAIMS, nbf: NOW_SECONDS + 40 });
    expect(await refusal(token)).toBe('token-not-yet-valid');
    expect(await verify(token, NOW_MS + 11_000)).toMatchObject({ ok: true });
    expect(await refusal(jwt(HEADER, { ...CLAIMS, nbf: 'now' }))).toBe('token-invalid');
  });

  it('[AC6] speaks for the account of its key and no other', async () => {
    const forOther = { ...CLAIMS, parley: { account: OTHER_ACCOUNT } };
    expect(await refusal(jwt(HEADER, forOther))).toBe('token-invalid');
    expect(await refusal(jwt(TWILIO_HEADER, { ...TWILIO_CLAIMS, sub: OTHER_ACCOUNT }))).toBe('token-invalid');
    expect(await refusal(jwt(HEADER, CLAIMS, OTHER_SECRET))).toBe('token-invalid');
    expect(await refusal(jwt(HEADER, { ...CLAIMS, iss: 'ACnobody' }))).toBe('token-invalid');
    expect(await refusal(jwt(HEADER, { ...CLAIMS, iss: undefined }))).toBe('token-invalid');
  });

  it('[AC7] is never quoted, however broken', async () => {
    for (const broken of [
      '',
      'x',
      'a.b.c',
      'eyJhbGciOiJIUzI1NiJ9.e30.',
      `${jwt(HEADER, CLAIMS)}x`,
      'ü.ü.ü',
    ]) {
      const verdict = await verify(broken);
      expect(verdict.ok).toBe(false);
      if (!verdict.ok && broken.length > 1) expect(verdict.error.message).not.toContain(broken);
    }
    const hostile = jwt(HEADER, { ...CLAIMS, parley: { incoming: { allow: 'my secret' } } });
    expect(JSON.stringify(await verify(hostile))).not.toContain('my secret');
  });
});

describe('addresses', () => {
  function from(remoteAddress: string, headers: Record<string, string> = {}, trustProxy = false): string {
    return clientAddress({ socket: { remoteAddress }, headers } as unknown as IncomingMessage, trustProxy);
  }

  it('[AC34] are those of the socket, unless a proxy of ours stands before it', () => {
    const headers = { 'x-forwarded-for': '203.0.113.9, 198.51.100.7' };
    expect(from('192.0.2.1', headers)).toBe('192.0.2.1');
    expect(from('192.0.2.1', headers, true)).toBe('198.51.100.7');
    expect(from('192.0.2.1', {}, true)).toBe('192.0.2.1');
  });

  it('[AC34] of IPv6 count as their network', () => {
    expect(from('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
    expect(from('2001:db8:1:2::9')).toBe('2001:db8:1:2::/64');
    expect(from('2001:0db8::1')).toBe('2001:db8:0:0::/64');
    expect(from('::1')).toBe('0:0:0:0::/64');
    expect(from('::ffff:192.0.2.1')).toBe('192.0.2.1');
  });
});
