import { expect, it } from 'vitest';
import { ConfigError, readConfig } from '../src/config.ts';

it('[GW9] an empty environment is a gateway on this machine alone, with its demo', () => {
  expect(readConfig({})).toMatchObject({ host: '127.0.0.1', port: 5080, demo: true, peerCalls: false });
});

it('[GW9] the demo hands tokens to whoever asks, so that on a network it is on only where that is said', () => {
  expect(readConfig({ PARLEY_HOST: '0.0.0.0' }).demo).toBe(false);
  expect(readConfig({ PARLEY_HOST: '0.0.0.0', PARLEY_DEMO: 'on' }).demo).toBe(true);
  expect(readConfig({ PARLEY_DEMO: 'off' }).demo).toBe(false);
});

it('[GW10] every variable that cannot be meant is named, with what was expected, all at once', () => {
  const read = () => readConfig({ PARLEY_PORT: '70000', PARLEY_LOG: 'loud', PARLEY_VOICE_URL: 'voice' });
  expect(read).toThrow(ConfigError);
  expect(read).toThrow(/PARLEY_PORT: expected a whole number from 0 to 65535/);
  expect(read).toThrow(/PARLEY_LOG: expected a level of the log/);
  expect(read).toThrow(/PARLEY_VOICE_URL: expected an http or https URL/);
});

it('[GW10] an account has a sid and a token, or is none', () => {
  expect(() => readConfig({ PARLEY_ACCOUNT_SID: `AC${'0'.repeat(32)}` })).toThrow(/go together/);
});
