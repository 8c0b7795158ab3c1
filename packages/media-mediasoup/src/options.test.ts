import { describe, expect, it } from 'vitest';
import { settingsOf } from './options.ts';

describe('where the SFU listens', () => {
  it('[MP24] is the loopback address first, and the machine’s own', () => {
    const { listen } = settingsOf({});
    expect(listen[0]).toEqual({ ip: '127.0.0.1' });
    for (const { ip } of listen) expect(ip).not.toBe('0.0.0.0');
  });

  it('[MP24] is one address, told as another, behind a NAT: browsers outside have no use for the loopback', () => {
    const { listen } = settingsOf({ announcedAddress: '203.0.113.7' });
    expect(listen).toHaveLength(1);
    expect(listen[0]?.announcedAddress).toBe('203.0.113.7');
  });

  it('[MP24] is what the operator says', () => {
    const listen = [{ ip: '192.0.2.1', announcedAddress: '203.0.113.7' }];
    expect(settingsOf({ listen, announcedAddress: '198.51.100.1' }).listen).toBe(listen);
  });
});

describe('options that cannot be meant', () => {
  it.each([
    [{ workers: 0 }, /worker/],
    [{ workers: 1.5 }, /worker/],
    [{ basePort: -1 }, /port/],
    [{ basePort: 65_535, workers: 2 }, /port/],
    [{ listen: [] }, /address/],
    [{ iceConsentTimeoutS: 9 }, /iceConsentTimeoutS/],
    [{ iceConsentTimeoutS: 61 }, /iceConsentTimeoutS/],
  ])('[MP22] are refused with a sentence: %o', (options, why) => {
    expect(() => settingsOf(options)).toThrow(why);
  });
});
