// Proves a worker: a WebRTC peer connects to it over loopback, makes a real DTLS handshake and sends a voice stream, and
// another peer gets a packet of it. Usage: node verify.mjs <path of mediasoup-worker>; exit code 0 says that it carries media.
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import * as mediasoup from 'mediasoup';
import {
  IceCandidate,
  RTCDtlsFingerprint,
  RTCDtlsParameters,
  RTCDtlsTransport,
  RTCIceGatherer,
  RTCIceTransport,
  RtpHeader,
} from 'werift';

const DEADLINE_MS = 20_000;
const PACKET_EVERY_MS = 20;
const OPUS = /** @type {const} */ ({
  kind: 'audio',
  mimeType: 'audio/opus',
  preferredPayloadType: 100,
  clockRate: 48_000,
  channels: 2,
});
/** The only one that werift makes. */
const SHA_256 = /** @type {const} */ ('sha-256');
const LOOPBACK = /** @type {const} */ ({ protocol: 'udp', ip: '127.0.0.1' });

const [binary] = process.argv.slice(2);
if (!binary) throw new Error('Usage: node verify.mjs <path of mediasoup-worker>');

setTimeout(() => fail(`no packet came through in ${DEADLINE_MS / 1_000} s`), DEADLINE_MS);

const worker = await mediasoup.createWorker({ workerBin: binary, logLevel: 'error' });
worker.on('died', (error) => fail(`the worker died: ${error.message}`));
const router = await worker.createRouter({ mediaCodecs: [OPUS] });

const speaker = await connectPeer();
const listener = await connectPeer();
const heard = new AbortController();
listener.dtls.onRtp.subscribe(() => heard.abort());

const ssrc = 0x70617262;
const producer = await speaker.transport.produce({
  kind: 'audio',
  rtpParameters: {
    codecs: [{ mimeType: OPUS.mimeType, payloadType: 100, clockRate: 48_000, channels: 2 }],
    encodings: [{ ssrc }],
  },
});
await listener.transport.consume({ producerId: producer.id, rtpCapabilities: router.rtpCapabilities });

for (let sequenceNumber = 0; !heard.signal.aborted; sequenceNumber += 1) {
  const header = new RtpHeader({
    version: 2,
    payloadType: 100,
    sequenceNumber,
    timestamp: sequenceNumber * 960,
    ssrc,
  });
  await speaker.dtls.sendRtp(Buffer.from([0xf8, 0xff, 0xfe]), header);
  await sleep(PACKET_EVERY_MS);
}
process.stdout.write('DTLS handshakes made, packets carried both ways\n');
process.exit(0);

/** One WebRTC transport of the worker with a peer at its other end, handshake done. */
async function connectPeer() {
  const transport = await router.createWebRtcTransport({ listenInfos: [LOOPBACK], enableUdp: true });
  const ice = new RTCIceTransport(
    new RTCIceGatherer({ iceLite: false, useIpv6: false, additionalHostAddresses: ['127.0.0.1'] }),
  );
  await ice.gather();
  ice.connection.iceControlling = true;
  ice.setRemoteParams({ ...transport.iceParameters, iceLite: true });
  for (const candidate of transport.iceCandidates) {
    const { foundation, address, port, priority, protocol, type } = candidate;
    await ice.addRemoteCandidate(new IceCandidate(1, foundation, address, port, priority, protocol, type));
  }
  await ice.addRemoteCandidate(undefined);

  const dtls = new RTCDtlsTransport({}, ice, await RTCDtlsTransport.SetupCertificate(), [7, 1]);
  dtls.role = 'client';
  const fingerprints = dtls.localParameters.fingerprints.map(({ value }) => ({ algorithm: SHA_256, value }));
  await transport.connect({ dtlsParameters: { role: 'client', fingerprints } });
  const remote = transport.dtlsParameters.fingerprints.map(
    ({ algorithm, value }) => new RTCDtlsFingerprint(algorithm, value),
  );
  dtls.setRemoteParams(new RTCDtlsParameters(remote, 'server'));
  await ice.start();
  await dtls.start();
  return { transport, dtls };
}

function fail(/** @type {string} */ why) {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}
