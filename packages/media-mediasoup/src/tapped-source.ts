import type { types } from 'mediasoup';
import type { Source } from './source.ts';
import type { PartyTap } from './tap.ts';

const AUDIO_LEVEL = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level';
/** How often a copy of one source is tried to be made; a worker that died is replaced meanwhile. */
const ATTEMPTS_MAX = 5;
const ATTEMPT_EVERY_MS = 250;
/** Between 1900, where NTP begins, and 1970. */
const NTP_TO_UNIX_S = 2_208_988_800;

/** One source of a tapped party, on its way out. */
export class TappedSource {
  readonly #tap: PartyTap;
  readonly #source: Source;
  readonly #over: () => void;
  #consumer: types.Consumer | undefined;
  #attemptsLeft = ATTEMPTS_MAX;
  #retry: NodeJS.Timeout | undefined;
  #isClosed = false;
  readonly #observer = { muted: () => void this.#muted(), closed: () => this.close() };
  readonly #heardTrace = (trace: types.ProducerTraceEventData): void => this.#trace(trace);

  constructor(tap: PartyTap, source: Source, events: { readonly over: () => void }) {
    this.#tap = tap;
    this.#source = source;
    this.#over = events.over;
    source.observe(this.#observer);
  }

  get id(): string | undefined {
    return this.#consumer?.id;
  }

  async make(): Promise<void> {
    this.#attemptsLeft -= 1;
    let consumer: types.Consumer | undefined;
    try {
      const { transport, router } = await this.#tap.wayOut();
      if (this.#isClosed) return;
      consumer = await transport.consume({
        producerId: this.#source.producer.id,
        rtpCapabilities: tapCapabilities(router),
        paused: true,
      });
      if (this.#isClosed) return consumer.close();
      if (this.#tap.options.video) await this.#askForReports();
      if (this.#isClosed) return consumer.close();
      await this.#begin(consumer, transport);
    } catch (error) {
      consumer?.close();
      this.#failed(error);
    }
  }

  requestKeyFrame(): void {
    if (this.#consumer?.kind !== 'video') return;
    this.#consumer.requestKeyFrame().catch((error: unknown) => this.#complain(error));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.#source.unobserve(this.#observer);
    this.#source.producer.off('trace', this.#heardTrace);
    this.#over();
    if (this.#consumer === undefined) return;
    this.#consumer.close();
    if (!this.#tap.isClosed) this.#tap.options.onStreamOver(this.#consumer.id);
  }

  async #begin(consumer: types.Consumer, transport: types.PlainTransport): Promise<void> {
    this.#consumer = consumer;
    const [codec] = consumer.rtpParameters.codecs;
    const ssrc = consumer.rtpParameters.encodings?.[0]?.ssrc;
    if (codec === undefined || ssrc === undefined) throw new Error('a consumer without codec or SSRC');
    const level = consumer.rtpParameters.headerExtensions?.find(({ uri }) => uri === AUDIO_LEVEL);
    this.#tap.options.onStream({
      id: consumer.id,
      kind: consumer.kind,
      origin: this.#source.speaker === undefined ? 'announcement' : this.#source.origin,
      mimeType: codec.mimeType,
      clockRate: codec.clockRate,
      fromPort: transport.tuple.localPort,
      ssrc,
      audioLevelId: level?.id,
    });
    await this.#muted();
  }

  /** What one's sender says about its clock; only with pictures, because only they must be in step with a sound. */
  async #askForReports(): Promise<void> {
    const { producer } = this.#source;
    producer.off('trace', this.#heardTrace);
    producer.on('trace', this.#heardTrace);
    await producer.enableTraceEvent(['sr']);
  }

  #trace(trace: types.ProducerTraceEventData): void {
    const report = readReport(trace);
    if (report === undefined || this.#consumer === undefined || this.#isClosed) return;
    this.#tap.options.onSenderReport(this.#consumer.id, report);
  }

  async #muted(): Promise<void> {
    const consumer = this.#consumer;
    if (consumer === undefined || this.#isClosed) return;
    const { isMuted } = this.#source;
    this.#tap.options.onMuted(consumer.id, isMuted);
    try {
      await (isMuted ? consumer.pause() : consumer.resume());
    } catch (error) {
      this.#complain(error);
    }
  }

  #failed(error: unknown): void {
    if (this.#isClosed || this.#tap.isClosed) return;
    if (this.#attemptsLeft === 0) {
      this.#complain(error);
      this.close();
      return;
    }
    this.#retry = setTimeout(() => void this.make(), ATTEMPT_EVERY_MS);
    this.#retry.unref();
  }

  #complain(error: unknown): void {
    if (this.#isClosed || this.#tap.isClosed) return;
    this.#tap.log('warn', 'what a party sends could not be tapped', {
      kind: this.#source.kind,
      why: String(error),
    });
  }
}

/** Every codec of the room, and of the header extensions only how loud it is. */
function tapCapabilities(router: types.Router): types.RtpCapabilities {
  const { codecs = [], headerExtensions = [] } = router.rtpCapabilities;
  return { codecs, headerExtensions: headerExtensions.filter(({ uri }) => uri === AUDIO_LEVEL) };
}

/** The worker's words for a sender report (RFC 3550 §6.4.1). */
function readReport(
  trace: Pick<types.ProducerTraceEventData, 'type' | 'info'>,
): { readonly ntpMs: number; readonly rtpTimestamp: number } | undefined {
  if (trace.type !== 'sr') return undefined;
  const { ntpSec, ntpFrac, rtpTs } = trace.info;
  if (typeof ntpSec !== 'number' || typeof ntpFrac !== 'number' || typeof rtpTs !== 'number')
    return undefined;
  return { ntpMs: (ntpSec - NTP_TO_UNIX_S + ntpFrac / 2 ** 32) * 1000, rtpTimestamp: rtpTs };
}
