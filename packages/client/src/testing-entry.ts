/**
 * For tests of what is built on this SDK: a gateway in memory that speaks the real wire, pages whose microphones,
 * permissions and sounds do as they are told, and a clock that stands still. Works under Node, with and without a
 * simulated DOM, and in a browser.
 *
 * @module @parley/client/testing
 */
export { FakeGateway, type FakeGatewayOptions, type FakeIncoming } from './testing/fake-gateway.ts';
export type { FakeCall, FakeCallEnd, SentMessage } from './testing/fake-call.ts';
export type { FakePage, SourceRefusal } from './testing/fake-page.ts';
export { replayTrace, type ReplayedStep } from './testing/replay-trace.ts';
export { realClock, settle, VirtualClock, type Clock } from './testing/virtual-clock.ts';
