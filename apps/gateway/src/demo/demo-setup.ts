import type { AccountRecord } from '../store/accounts.ts';
import type { ApiKeyRecord } from '../store/api-keys.ts';
import type { ApplicationRecord } from '../store/applications.ts';
import type { Store } from '../store/store.ts';

/** The sids of the demo are the same everywhere, so that a page can be written against them. Its secrets are not. */
export const DEMO_SIDS = {
  account: 'ACde300000000000000000000000000000',
  apiKey: 'SKde300000000000000000000000000000',
  application: 'APde300000000000000000000000000000',
} as const;

/** What a demo is played with. */
export interface DemoSetup {
  readonly account: AccountRecord;
  /** Signs the tokens of the demo's people. */
  readonly apiKey: ApiKeyRecord;
  readonly application: ApplicationRecord;
}

/** Puts the account of the demo and its API key into the store, where they are not there yet. */
export function seedDemoAccount(store: Pick<Store, 'accounts' | 'apiKeys'>): Omit<DemoSetup, 'application'> {
  const account =
    store.accounts.find(DEMO_SIDS.account) ??
    store.accounts.save({ sid: DEMO_SIDS.account, friendlyName: 'Demo' });
  const apiKey =
    store.apiKeys.find(DEMO_SIDS.apiKey) ??
    store.apiKeys.save({ sid: DEMO_SIDS.apiKey, accountSid: account.sid, friendlyName: 'Demo tokens' });
  return { account, apiKey };
}

/**
 * Puts the whole demo into the store. The secrets of an earlier start are kept; the application is set to `voiceUrl`,
 * whose port may be another one each time.
 */
export function seedDemo(store: Store, { voiceUrl }: { readonly voiceUrl: string }): DemoSetup {
  const { account, apiKey } = seedDemoAccount(store);
  const settings = { friendlyName: 'Demo', voiceUrl, voiceMethod: 'POST' } as const;
  const application =
    store.applications.update(account.sid, DEMO_SIDS.application, settings) ??
    store.applications.create(account.sid, settings, DEMO_SIDS.application);
  return { account, apiKey, application };
}
