import { expect, type BrowserContext, type Locator, type Page } from '@playwright/test';
import { FIREFOX_TONE_HZ, PEOPLE, type Colour, type Person } from './fake-media.ts';
import { installProbe, type Sight, type Sound } from './page-probe.ts';

/** How a call ended on this device, as its SDK says it. */
export interface CallEnding {
  readonly reason: string;
  readonly by: string;
  readonly elsewhere?: { readonly identity: string; readonly deviceLabel?: string };
  readonly fault?: {
    readonly code: number;
    readonly message: string;
    readonly line?: number;
    readonly column?: number;
  };
  readonly durationMs: number;
  /** The name of the error that ended it, where one did. */
  readonly error?: string;
}

/** What of the SDK's objects the tests read, in the console of the page as a developer would. */
interface ConsoleCall {
  readonly ended: Promise<Omit<CallEnding, 'error'> & { readonly error?: { readonly name: string } }>;
  readonly customParameters: ReadonlyMap<string, string>;
  accept(): Promise<void>;
  disconnect(): Promise<unknown>;
  once(event: 'accept'): Promise<unknown>;
  getStats(): Promise<{
    readonly audio: { readonly bytesReceived: number };
    readonly video: { readonly framesDecoded: number };
  }>;
}
interface ConsoleDevice {
  readonly connection: { readonly state: string };
  readonly isLeaderTab: boolean;
  connect(options: { readonly to: string; readonly microphone: boolean }): Promise<ConsoleCall>;
  on(event: 'incoming', listener: (call: ConsoleCall) => void): void;
  disconnectAll(): void;
  updateToken(token: string): void;
  readonly activeCall: ConsoleCall | null;
  readonly store: {
    getSnapshot(): { readonly calls: readonly ConsoleCall[] };
    subscribe(listener: () => void): void;
  };
}
declare global {
  interface Window {
    parleyDevice?: ConsoleDevice;
    endings?: CallEnding[];
  }
}

/** Who or what is heard: a person's voice, Firefox's fake microphone, the telephone itself, or nothing. */
export type Heard = Person | 'firefox' | 'ringback' | 'ringtone' | 'silence' | `${number} Hz`;
export type Seen = Colour | 'nothing' | 'a frozen picture' | 'black' | `rgb(${string})`;

export interface PhoneOptions {
  readonly deviceLabel?: string;
  readonly viewport?: { readonly width: number; readonly height: number };
  /** Runs in the page before anything else. */
  readonly initScript?: () => void;
  /** The page is served with this content security policy in place of the gateway's. */
  readonly policy?: string;
  /** What follows the address of the page, from `#` on. */
  readonly fragment?: string;
}

/** A Firefox counts sockets that do not open, or break, among a page's errors; no script can catch them. */
const LOST_SOCKET = /^(Firefox can’t establish a connection to|The connection to) .*\bwss?:/;
const VIEWPORT = { width: 1100, height: 760 };
/** Well below a voice that has passed the browser's noise suppression (0.04), well above its comfort noise. */
const HEARD_LEVEL = 0.006;
const TONE_TOLERANCE_HZ = 15;
const CHANNEL_TOLERANCE = 70;
const RGB = { red: [255, 0, 0], green: [0, 255, 0], blue: [0, 0, 255], black: [0, 0, 0] } as const;

/** A person with the softphone open: what they can do, see and hear. */
export class PhonePage {
  readonly name: string;
  readonly page: Page;
  /** What the page's own scripts failed to catch. */
  readonly uncaught: string[] = [];

  private constructor(name: string, page: Page) {
    this.name = name;
    this.page = page;
    page.on('pageerror', ({ message, stack }) => {
      if (!LOST_SOCKET.test(message)) this.uncaught.push(`${name}: ${stack ?? message}`);
    });
    page.on('console', (message) => {
      const text = message.text();
      if (text.includes('Content Security Policy')) this.uncaught.push(`${name}: ${text}`);
    });
  }

  /** Opens the softphone as this person and does not wait for anything. */
  static async load(
    context: BrowserContext,
    url: string,
    name: string,
    options: PhoneOptions = {},
  ): Promise<PhonePage> {
    const page = await context.newPage();
    const { deviceLabel, viewport = VIEWPORT, initScript, policy, fragment = '' } = options;
    await page.setViewportSize(viewport);
    await page.addInitScript(installProbe);
    if (initScript !== undefined) await page.addInitScript(initScript);
    if (deviceLabel !== undefined) {
      await page.addInitScript((label) => {
        localStorage.setItem('parley-softphone', JSON.stringify({ deviceLabel: label }));
      }, deviceLabel);
    }
    if (policy !== undefined) {
      await page.route(`${url}/?as=*`, async (route) => {
        const response = await route.fetch();
        await route.fulfill({
          response,
          headers: { ...response.headers(), 'content-security-policy': policy },
        });
      });
    }
    const phone = new PhonePage(name, page);
    await page.goto(`${url}/?as=${encodeURIComponent(name)}${fragment}`);
    return phone;
  }

  /** Waits until the gateway would ring it. */
  async signedIn(): Promise<void> {
    await expect(this.button('status'), `${this.name} is signed in`).toHaveAttribute(
      'data-state',
      'registered',
    );
    await this.#collectEndings();
  }

  /**
   * Waits until it has asked its browser what it can send and receive. That takes two peer connections, and while
   * they are open their tracks are alive, for which a browser does not keep a page whole that is left.
   */
  async engineReady(): Promise<void> {
    const count = (): Promise<{ readonly made: number; readonly closed: number }> =>
      this.page.evaluate(() => window.probe.peerConnections());
    await expect.poll(count, `${this.name}'s browser is known`).toEqual({ made: 2, closed: 2 });
  }

  async #collectEndings(): Promise<void> {
    await this.page.evaluate(() => {
      const endings: CallEnding[] = [];
      window.endings = endings;
      const device = window.parleyDevice;
      if (device === undefined) throw new Error('the softphone has no device');
      const known = new WeakSet<ConsoleCall>();
      device.store.subscribe(() => {
        for (const call of device.store.getSnapshot().calls) {
          if (known.has(call)) continue;
          known.add(call);
          void call.ended.then(({ error, ...end }) =>
            endings.push(error === undefined ? end : { ...end, error: error.name }),
          );
        }
      });
    });
  }

  /** Leaves as a person does who closes the window. */
  async close(): Promise<void> {
    await this.page.close();
    await this.page.context().close();
  }

  /** Hangs up whatever is on, so that nobody is waited for when the page is closed. */
  async endCalls(): Promise<void> {
    if (this.page.isClosed()) return;
    await this.page.evaluate(() => window.parleyDevice?.disconnectAll()).catch(() => undefined);
  }

  /** Leaves on purpose. */
  async signOut(): Promise<void> {
    await this.button('sign-out').click();
    await expect(this.button('sign-in')).toBeVisible();
  }

  // What is on the screen.

  get incoming(): Locator {
    return this.page.getByTestId('incoming');
  }

  get call(): Locator {
    return this.page.getByTestId('call');
  }

  get lastCall(): Locator {
    return this.page.getByTestId('last-call');
  }

  get problem(): Locator {
    return this.page.getByTestId('problem');
  }

  button(testId: string): Locator {
    return this.page.getByTestId(testId);
  }

  // What the person does.

  async dial(to: string, { video = false }: { video?: boolean } = {}): Promise<void> {
    await this.button('dial').fill(to);
    await this.button(video ? 'call-video' : 'call-audio').click();
  }

  async accept({ video = false }: { video?: boolean } = {}): Promise<void> {
    await this.button(video ? 'accept-video' : 'accept-audio').click();
  }

  /** Answers as a developer would in the console; the name of the error where it is refused. */
  acceptInConsole(): Promise<string> {
    return this.page.evaluate(async () => {
      const call = window.parleyDevice?.store.getSnapshot().calls[0];
      if (call === undefined) throw new Error('nobody calls');
      return call.accept().then(
        () => 'accepted',
        (error: unknown) => (error instanceof Error ? error.name : String(error)),
      );
    });
  }

  /** Answers at a moment of the clock. */
  async acceptAt(atMs: number): Promise<void> {
    await this.button('accept-audio').evaluate(
      (button, at) =>
        new Promise<void>((resolve) => {
          setTimeout(() => {
            if (button instanceof HTMLElement) button.click();
            resolve();
          }, at - Date.now());
        }),
      atMs,
    );
  }

  async hangUp(): Promise<void> {
    await this.button('hangup').click();
  }

  /** Presses keys of the keypad, which must be open. */
  async press(digits: string): Promise<void> {
    for (const digit of digits) await this.button(`key-${digit}`).click();
  }

  // What the person notices.

  /** It rings, and says who is calling. */
  async expectRinging(from: string): Promise<void> {
    await expect(this.incoming, `${this.name}'s phone rings`).toContainText(from);
  }

  /** The call is on: its clock runs. */
  async expectTalking(): Promise<void> {
    await expect(this.button('duration'), `${this.name} is in a call`).toBeVisible();
  }

  async expectToHear(voice: Heard): Promise<void> {
    await expect.poll(() => this.hears(), { message: `what ${this.name} hears` }).toBe(voice);
  }

  async expectToSee(picture: Seen): Promise<void> {
    await expect.poll(() => this.sees(), { message: `what ${this.name} sees` }).toBe(picture);
  }

  /** The last call is over here, and this is the reason the SDK gives. */
  async expectEnded(end: Partial<CallEnding>): Promise<CallEnding> {
    await expect
      .poll(() => this.lastEnding(), { message: `how ${this.name}'s call ended` })
      .toMatchObject(end);
    const ending = await this.lastEnding();
    if (ending === undefined) throw new Error('the ending is gone again');
    return ending;
  }

  async hears(): Promise<Heard> {
    return nameSound(await this.page.evaluate(() => window.probe.listen()));
  }

  async sees(testId = 'remote-video'): Promise<Seen> {
    return nameSight(
      await this.page.evaluate((selector) => window.probe.look(selector), `[data-testid="${testId}"]`),
    );
  }

  /** Which of this person's devices are open now, as their lights would tell. */
  lights(): Promise<('microphone' | 'camera')[]> {
    return this.page.evaluate(() => window.probe.open());
  }

  /** Everything the page has ever asked to open. */
  asked(): Promise<readonly ('microphone' | 'camera')[]> {
    return this.page.evaluate(() => window.probe.asked);
  }

  endings(): Promise<readonly CallEnding[]> {
    return this.page.evaluate(() => window.endings ?? []);
  }

  async lastEnding(): Promise<CallEnding | undefined> {
    return (await this.endings()).at(-1);
  }

  /** What came with the call that is on. */
  customParameters(): Promise<Record<string, string>> {
    return this.page.evaluate(() =>
      Object.fromEntries(window.parleyDevice?.activeCall?.customParameters ?? []),
    );
  }

  /** What has arrived in the call that is on, as the browser counts it. */
  received(): Promise<{ audioBytes: number; videoFrames: number }> {
    return this.page.evaluate(async () => {
      const stats = await window.parleyDevice?.activeCall?.getStats();
      return { audioBytes: stats?.audio.bytesReceived ?? 0, videoFrames: stats?.video.framesDecoded ?? 0 };
    });
  }
}

/** The strongest wave of each sound that is known here. */
const SOUNDS: readonly (readonly [name: Heard, frequencyHz: number])[] = [
  ...Object.entries(PEOPLE).map(([name, { toneHz }]) => [name as Person, toneHz] as const),
  ['firefox', FIREFOX_TONE_HZ],
  ['ringback', 425],
  ['ringtone', 660],
  ['ringtone', 830],
];

function nameSound({ level, frequencyHz }: Sound): Heard {
  if (level < HEARD_LEVEL) return 'silence';
  const known = SOUNDS.find(([, toneHz]) => Math.abs(frequencyHz - toneHz) <= TONE_TOLERANCE_HZ);
  return known?.[0] ?? `${Math.round(frequencyHz)} Hz`;
}

function nameSight(sight: Sight): Seen {
  if (sight.type === 'nothing') return 'nothing';
  if (sight.type === 'frozen') return 'a frozen picture';
  const names = Object.keys(RGB) as (keyof typeof RGB)[];
  const name = names.find((colour) =>
    RGB[colour].every((value, channel) => Math.abs(value - (sight.rgb[channel] ?? NaN)) <= CHANNEL_TOLERANCE),
  );
  return name ?? `rgb(${sight.rgb.map(Math.round).join(', ')})`;
}
