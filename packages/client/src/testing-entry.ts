/**
 * For tests of what is built on this SDK: a gateway in memory that speaks the real wire, pages whose microphones,
 * permissions and sounds do as they are told, and a clock that stands still. Works under Node, with and without a
 * simulated DOM, and in a browser.
 *
 * @module @parley/client/testing
 */
export { FakeGateway, type FakeGatewayOptions, type FakeIncoming } from './testing/fake-gateway.ts';
export type { EitherEnd, FakeCall, FakeCallEnd, FakeFeedback, SentMessage } from './testing/fake-call.ts';
export type { FakeDevice, PluggedDevice, SourceRefusal } from './testing/fake-devices.ts';
export type { FakePage } from './testing/fake-page.ts';
export type { FakeNetwork } from './testing/fake-stats.ts';
export { replayTrace, type ReplayedStep } from './testing/replay-trace.ts';
export { realClock, settle, VirtualClock, type Clock } from './testing/virtual-clock.ts';
