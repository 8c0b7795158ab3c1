import { Identity } from '@parley/protocol';
import * as v from 'valibot';
import type { GatewayConfig } from '../config.ts';
import { mintToken, verifyToken } from '../edge/token.ts';
import { odd, sentenceOf, well, wrong, type Finding } from './finding.ts';

const LOOPBACK = /^(127\.|::1$|localhost$)/;
const CHARACTERS_MIN = 24;

/** Whether somebody can sign in, and whether it is not everybody. */
export async function accountFindings({
  account,
  demo,
  host,
}: Pick<GatewayConfig, 'account' | 'demo' | 'host'>): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  if (demo && !LOOPBACK.test(host)) {
    const remedy =
      'Anybody who reaches this port gets a token: set PARLEY_DEMO=off unless that is what you want.';
    findings.push(odd('The demo is on, on a network', remedy));
  }
  if (account === undefined) {
    const remedy = 'Set PARLEY_ACCOUNT_SID (AC and 32 hex digits) and PARLEY_AUTH_TOKEN (32 random ones).';
    findings.push(
      demo
        ? well('The demo’s account signs people in')
        : wrong('There is no account: nobody can sign in', remedy),
    );
    return findings;
  }
  if (account.authToken.length < CHARACTERS_MIN || new Set(account.authToken).size < 8) {
    findings.push(
      odd('The account’s token could be guessed', 'Use 32 random hex digits: openssl rand -hex 16.'),
    );
  }
  findings.push(await tokenFinding(account));
  return findings;
}

async function tokenFinding({ sid, authToken }: NonNullable<GatewayConfig['account']>): Promise<Finding> {
  const remedy = 'Check PARLEY_AUTH_TOKEN, and the clock of this machine.';
  try {
    const identity = v.parse(Identity, 'doctor');
    const order = {
      identity,
      issuer: sid,
      secret: authToken,
      ttlSeconds: 60,
      incoming: true,
      outgoing: true,
    };
    const keys = { secretFor: () => ({ accountSid: sid, secret: authToken }) };
    const verdict = await verifyToken(await mintToken(order), keys, { wallMs: Date.now(), skewMs: 0 });
    return verdict.ok
      ? well('The account’s token signs access tokens that are accepted')
      : wrong(`An access token was refused: ${verdict.error.message}`, remedy);
  } catch (error) {
    return wrong(`No access token can be signed: ${sentenceOf(error)}`, remedy);
  }
}
