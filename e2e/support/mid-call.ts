import type { PhonePage } from './phone-page.ts';

/** What of the SDK's calls these tests use, in the console of the page as a developer would. */
interface ConsoleCall {
  hold(on?: boolean): Promise<void>;
  transfer(options: { readonly to: string | ConsoleCall }): Promise<void>;
  sendMessage(message: { readonly content: unknown }): Promise<{ readonly id: string }>;
  on(name: string, listener: (...payload: unknown[]) => void): void;
  readonly media: {
    requestVideo(): Promise<'accepted' | 'declined'>;
    removeVideo(): Promise<void>;
    attach(element: HTMLVideoElement): () => void;
  };
}

interface ConsoleDevice {
  readonly calls: readonly ConsoleCall[];
  connect(options: { readonly to: string }): Promise<ConsoleCall>;
}

interface ConsoleWindow {
  readonly parleyDevice: ConsoleDevice;
  heardMessages?: unknown[];
  videoRequest?: { accept(): Promise<void>; decline(): Promise<void> };
  answerToVideo?: string;
  transferFailure?: string;
}

/** What a person does in the middle of a call for which the test does not press a button. */
export class MidCall {
  readonly #phone: PhonePage;

  constructor(phone: PhonePage) {
    this.#phone = phone;
  }

  hold(on = true): Promise<void> {
    return this.#phone.page.evaluate((isOn) => {
      const { parleyDevice } = window as unknown as ConsoleWindow;
      return parleyDevice.calls[0]?.hold(isOn);
    }, on);
  }

  /** Does not wait for what comes of it, but keeps why it failed. */
  async transfer(to: string): Promise<void> {
    await this.#phone.page.evaluate((name) => {
      const page = window as unknown as ConsoleWindow;
      page.parleyDevice.calls[0]?.transfer({ to: name }).catch((error: Error) => {
        page.transferFailure = error.name;
      });
    }, to);
  }

  transferFailure(): Promise<string | undefined> {
    return this.#phone.page.evaluate(() => (window as unknown as ConsoleWindow).transferFailure);
  }

  /** Places a second call. */
  async call(to: string): Promise<void> {
    await this.#phone.page.evaluate(async (name) => {
      await (window as unknown as ConsoleWindow).parleyDevice.connect({ to: name });
    }, to);
  }

  /** Brings the other sides of both calls together. */
  merge(): Promise<void> {
    return this.#phone.page.evaluate(() => {
      const [first, second] = (window as unknown as ConsoleWindow).parleyDevice.calls;
      if (first === undefined || second === undefined) throw new Error('there are not two calls');
      return second.transfer({ to: first });
    });
  }

  send(content: unknown): Promise<void> {
    return this.#phone.page.evaluate(async (said) => {
      await (window as unknown as ConsoleWindow).parleyDevice.calls[0]?.sendMessage({ content: said });
    }, content);
  }

  /** From now on messages are kept. */
  listen(): Promise<void> {
    return this.#phone.page.evaluate(() => {
      const page = window as unknown as ConsoleWindow;
      const heard: unknown[] = [];
      page.heardMessages = heard;
      page.parleyDevice.calls[0]?.on('messageReceived', (message) =>
        heard.push((message as { content: unknown }).content),
      );
    });
  }

  messages(): Promise<readonly unknown[]> {
    return this.#phone.page.evaluate(() => (window as unknown as ConsoleWindow).heardMessages ?? []);
  }

  /** Shows the other side in an element of the test's own, and keeps a question about video. */
  watch(): Promise<void> {
    return this.#phone.page.evaluate(() => {
      const page = window as unknown as ConsoleWindow;
      const [call] = page.parleyDevice.calls;
      const video = document.createElement('video');
      video.dataset['testid'] = 'upgraded';
      video.style.cssText = 'position: fixed; inset: 0 auto auto 0; width: 160px; height: 90px; z-index: 99';
      document.body.append(video);
      call?.media.attach(video);
      call?.on('videoRequested', (request) => {
        page.videoRequest = request as NonNullable<ConsoleWindow['videoRequest']>;
      });
    });
  }

  async askForVideo(): Promise<void> {
    await this.#phone.page.evaluate(() => {
      const page = window as unknown as ConsoleWindow;
      void page.parleyDevice.calls[0]?.media.requestVideo().then((answer) => {
        page.answerToVideo = answer;
      });
    });
  }

  isAsked(): Promise<boolean> {
    return this.#phone.page.evaluate(() => (window as unknown as ConsoleWindow).videoRequest !== undefined);
  }

  sayYes(): Promise<void> {
    return this.#phone.page.evaluate(() => (window as unknown as ConsoleWindow).videoRequest?.accept());
  }

  answer(): Promise<string | undefined> {
    return this.#phone.page.evaluate(() => (window as unknown as ConsoleWindow).answerToVideo);
  }

  removeVideo(): Promise<void> {
    return this.#phone.page.evaluate(() =>
      (window as unknown as ConsoleWindow).parleyDevice.calls[0]?.media.removeVideo(),
    );
  }
}
