import { expect, it } from 'vitest';
import { browserFamily } from '../shell/browser-engine.ts';

const AGENTS = {
  chromium:
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
  headless:
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/156.0.0.0 Safari/537.36',
  edge: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36 Edg/150.0',
  old: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/101.0.0.0 Safari/537.36',
  firefox: 'Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0',
  oldFirefox: 'Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0',
  safari:
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15',
  chromeOnIphone:
    'Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/150.0 Mobile/15E148 Safari/604.1',
  other: 'Lynx/2.9',
};

it('[PK2] a browser is known by the engine it has, whatever it calls itself', () => {
  expect(browserFamily(AGENTS.chromium, 0)).toBe('chromium');
  expect(browserFamily(AGENTS.headless, 0)).toBe('chromium');
  expect(browserFamily(AGENTS.edge, 10)).toBe('chromium');
  expect(browserFamily(AGENTS.firefox, 0)).toBe('firefox');
  expect(browserFamily(AGENTS.safari, 0)).toBe('safari');
  expect(browserFamily(AGENTS.chromeOnIphone, 5)).toBe('safari');
  // An iPad says that it is a Macintosh; a Macintosh has nothing to touch.
  expect(browserFamily(AGENTS.safari, 5)).toBe('safari');
});

it('[PK2] one that is too old, or unknown, is refused by name', () => {
  const refusal = (agent: string) => {
    try {
      return browserFamily(agent, 0);
    } catch (thrown) {
      return thrown;
    }
  };
  expect(refusal(AGENTS.old)).toMatchObject({
    name: 'unsupported-browser',
    message: expect.stringContaining('Chromium 111'),
  });
  expect(refusal(AGENTS.oldFirefox)).toMatchObject({
    name: 'unsupported-browser',
    message: expect.stringContaining('Firefox 120'),
  });
  expect(refusal(AGENTS.other)).toMatchObject({ name: 'unsupported-browser' });
});
