import type { Identity } from '@parley/protocol';
import { mintToken } from '../edge/token.ts';
import type { Logger } from '../log.ts';
import type { Store } from '../store/store.ts';
import { DEMO_GROUP, startDemoApplication } from './demo-application.ts';
import { seedDemo, seedDemoAccount } from './demo-setup.ts';

/** Everything a first visit needs: an account, an application that runs, and tokens for whoever asks. */
export interface Demo extends AsyncDisposable {
  readonly accountSid: string;
  readonly applicationSid: string;
  /** `host:port` of the application, for the allow-list. */
  readonly host: string;
  /** What to call, one line each. */
  readonly thingsToTry: readonly string[];
  mintToken(identity: Identity): Promise<string>;
  /** Where what was recorded of a call can be heard, by the CallSid of whoever placed it. */
  recordingOf(callSid: string): string | undefined;
}

const TOKEN_TTL_SECONDS = 3600;

/** Starts the demo application and puts its account, application and key into the store. */
export async function startDemo({
  store,
  log,
  print,
}: {
  readonly store: Store;
  readonly log: Logger;
  /** Tells whoever has started it something that is no line of a log: where a recording can be heard. */
  readonly print?: (line: string) => void;
}): Promise<Demo> {
  const { account, apiKey } = seedDemoAccount(store);
  const running = await startDemoApplication({
    authToken: account.authToken,
    ...(print === undefined ? {} : { print }),
  });
  const { application } = seedDemo(store, { voiceUrl: `${running.url}/voice` });
  log.info(
    { accountSid: account.sid, applicationSid: application.sid },
    'the demo is on: anybody may have a token',
  );
  return {
    accountSid: account.sid,
    applicationSid: application.sid,
    host: running.host,
    thingsToTry: [
      `group       rings ${DEMO_GROUP.join(', ')} at once`,
      `screen      rings ${DEMO_GROUP[0]}, who must press 1 before you are joined`,
      'conference  is a room for everybody who calls it',
      'echo        lets you hear yourself',
      'voicemail   takes a message',
      `record      rings ${DEMO_GROUP[0]}, and both of you are recorded`,
      'menu        asks you to press a key',
      'nobody      is not there, and says so',
    ],
    mintToken: (identity) =>
      mintToken({
        identity,
        issuer: apiKey.sid,
        secret: apiKey.secret,
        ttlSeconds: TOKEN_TTL_SECONDS,
        incoming: true,
        outgoing: true,
      }),
    recordingOf: (callSid) => running.recordingOf(callSid),
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}
