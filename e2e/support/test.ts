import { writeFile } from 'node:fs/promises';
import { test as base, expect, type Browser } from '@playwright/test';
import { launchChromium, launchFirefox, type ChromiumOptions } from './browsers.ts';
import { FakeMediaFolder, type FakeMedia, type Person } from './fake-media.ts';
import { Gateway, type Holding } from './gateway.ts';
import { PhonePage, type PhoneOptions } from './phone-page.ts';
import { WebhookServer, type WebhookRequest } from './webhook-server.ts';

export { expect };

export interface OpenOptions extends PhoneOptions {
  /** Whose voice and face this is, for somebody who is not of the three. Default: the person of that name. */
  readonly as?: Person;
  /** A browser that differs from the usual one; it is started for this page alone. */
  readonly browser?: ChromiumOptions;
  readonly isFirefox?: boolean;
  /** With a portrait before the camera instead of a colour. */
  readonly isPictured?: boolean;
  /** Another voice and another face than anybody's, in a browser of its own. */
  readonly faces?: FakeMedia;
  /** Another gateway than the usual one. */
  readonly url?: string;
}

/** Opens telephones, and closes them after the test. */
export interface Phones {
  /** Signs a person in, in a browser profile of its own: twice the same name is two devices of one person. */
  open(name: string, options?: OpenOptions): Promise<PhonePage>;
  /** The same, without waiting for anything. */
  load(name: string, options?: OpenOptions): Promise<PhonePage>;
}

interface WorkerFixtures {
  readonly media: FakeMediaFolder;
  readonly usualBrowser: (whose: Person | 'firefox') => Promise<Browser>;
  readonly application: WebhookServer;
  readonly gateway: Gateway;
}

interface TestFixtures {
  readonly phones: Phones;
  /** The web application behind the default gateway. `/voice` dials whom the caller asked for, until told otherwise. */
  readonly webhooks: WebhookServer;
}

const NOTHING: Holding = { calls: 0, devices: 0, rooms: 0, transports: 0 };

/** One gateway, one web application, one Chromium per person and one Firefox serve all tests; pages and documents are each test's. */
export const test = base.extend<TestFixtures, WorkerFixtures>({
  media: [
    // Playwright reads the names in the braces: there are none.
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      using folder = new FakeMediaFolder();
      await use(folder);
    },
    { scope: 'worker' },
  ],
  usualBrowser: [
    async ({ media }, use) => {
      const started = new Map<Person | 'firefox', Promise<Browser>>();
      await use((whose) => {
        const launch = (): Promise<Browser> =>
          whose === 'firefox' ? launchFirefox() : launchChromium(media.of(whose));
        const browser = started.get(whose) ?? launch();
        started.set(whose, browser);
        return browser;
      });
      for (const browser of started.values()) await (await browser).close();
    },
    { scope: 'worker' },
  ],
  application: [
    // Playwright reads the names in the braces: there are none.
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      await using server = await WebhookServer.start();
      await use(server);
    },
    { scope: 'worker' },
  ],
  gateway: [
    async ({ application }, use) => {
      await using gateway = await Gateway.start({
        PARLEY_VOICE_URL: application.url('/voice'),
        PARLEY_ALLOW: '127.0.0.1',
        // A page takes longer to load on a machine that runs several browsers.
        PARLEY_RETURN_SECONDS: '8',
      });
      await use(gateway);
    },
    { scope: 'worker' },
  ],
  webhooks: async ({ application }, use) => {
    application.reset();
    application.on('/voice', dialWhomTheyAskedFor);
    await use(application);
  },
  phones: async ({ gateway, media, usualBrowser, webhooks }, use, testInfo) => {
    // Named here so that the application is there before anybody can call.
    void webhooks;
    const logBefore = gateway.log.length;
    const opened: PhonePage[] = [];
    const ownBrowsers: Browser[] = [];
    const browserFor = async (person: Person, options: OpenOptions): Promise<Browser> => {
      const { browser, isFirefox = false, isPictured = false, faces: other } = options;
      const isUsual = !isPictured && other === undefined && browser === undefined;
      if (isUsual) return usualBrowser(isFirefox ? 'firefox' : person);
      const faces = other ?? (isPictured ? media.pictureOf(person) : media.of(person));
      const own = await (isFirefox ? launchFirefox(browser) : launchChromium(faces, browser));
      ownBrowsers.push(own);
      return own;
    };
    const load = async (name: string, options: OpenOptions = {}): Promise<PhonePage> => {
      const browser = await browserFor(options.as ?? personOf(name), options);
      const phone = await PhonePage.load(
        await browser.newContext(),
        options.url ?? gateway.url,
        name,
        options,
      );
      opened.push(phone);
      return phone;
    };
    const open = async (name: string, options?: OpenOptions): Promise<PhonePage> => {
      const phone = await load(name, options);
      await phone.signedIn();
      return phone;
    };
    await use({ open, load });

    if (testInfo.status !== testInfo.expectedStatus) {
      await writeFile(testInfo.outputPath('gateway.log'), gateway.log.slice(logBefore).join('\n'));
      for (const { name, page } of opened) {
        if (page.isClosed()) continue;
        await page.screenshot({ path: testInfo.outputPath(`${name}.png`) });
      }
    }
    for (const phone of opened) await phone.endCalls();
    for (const phone of opened) await phone.close();
    for (const browser of ownBrowsers) await browser.close();
    await expect
      .poll(() => gateway.holds(), 'nothing is left behind when everybody has gone')
      .toEqual(NOTHING);
    expect(
      opened.flatMap(({ uncaught }) => uncaught),
      'nothing goes wrong in a page unnoticed',
    ).toEqual([]);
  },
});

function personOf(name: string): Person {
  if (name === 'alice' || name === 'jenny' || name === 'bob') return name;
  throw new Error(`${name} has no voice: say whose it is with "as"`);
}

/** The document most applications begin with. */
export function dialWhomTheyAskedFor({ params }: WebhookRequest): string {
  return `<Response><Dial>${clientNoun(params['To'] ?? '', params)}</Dial></Response>`;
}

/** `<Client>`, with a picture where the caller wants one. */
function clientNoun(to: string, params: Readonly<Record<string, string>>): string {
  const name = to.replace(/^client:/, '');
  return `<Client>${name}${params['Video'] === 'true' ? '<Video/>' : ''}</Client>`;
}
