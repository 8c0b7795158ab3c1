import type { types } from 'mediasoup-client';

/** What a page of the ordinary flow asks its server, and what it is answered: the messages of mediasoup's own demo. */
export interface Requests {
  call: { data: { to: string }; answer: object };
  accept: { data: object; answer: object };
  hangUp: { data: object; answer: object };
  routerCapabilities: { data: object; answer: types.RtpCapabilities };
  createTransport: { data: { direction: 'send' | 'recv' }; answer: types.TransportOptions };
  connectTransport: { data: { transportId: string; dtlsParameters: types.DtlsParameters }; answer: object };
  produce: {
    data: { transportId: string; kind: types.MediaKind; rtpParameters: types.RtpParameters };
    answer: { id: string };
  };
  /** Sends everything the other side has produced, or will, as `newConsumer`. */
  joined: { data: { rtpCapabilities: types.RtpCapabilities }; answer: object };
  /** The page holds the consumer, which was made paused: packets may flow. */
  resume: { data: { consumerId: string }; answer: object };
}
export type Method = keyof Requests;

/** What the server tells a page unasked. */
export type Notice =
  | { readonly notice: 'incoming' | 'accepted' | 'ended' }
  | { readonly notice: 'newConsumer'; readonly consumer: ConsumerFacts };

export interface ConsumerFacts {
  readonly id: string;
  readonly producerId: string;
  readonly kind: types.MediaKind;
  readonly rtpParameters: types.RtpParameters;
}

export interface RequestFrame {
  readonly id: number;
  readonly method: Method;
  readonly data: unknown;
}
export interface AnswerFrame {
  readonly id: number;
  readonly answer: unknown;
}
