import { mintToken } from '../edge/token.ts';
import { Identity } from '@parley/protocol';
import * as v from 'valibot';
import { CommandError, type Command } from './command.ts';
import { accessOf } from './gateway-access.ts';

const TTL_SECONDS = 3600;

/** Mints a token for trying things out; a backend mints its own. */
export const token: Command = {
  name: 'token',
  usage: 'NAME',
  summary: 'prints an access token with which NAME can call and be called for an hour',
  async run([name, ...more], terminal) {
    const identity = v.safeParse(Identity, name);
    if (!identity.success || more.length > 0) throw new CommandError('parley token NAME', 2);
    const { accountSid, authToken } = accessOf(terminal);
    const order = {
      issuer: accountSid,
      secret: authToken,
      ttlSeconds: TTL_SECONDS,
      incoming: true,
      outgoing: true,
    };
    terminal.out(`${await mintToken({ ...order, identity: identity.output })}\n`);
    return 0;
  },
};
