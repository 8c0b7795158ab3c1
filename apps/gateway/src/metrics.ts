import type { GatewayCounts } from './gateway.ts';

/** Prometheus text exposition format 0.0.4. Counts that only grow end in `_total`. */
export function metricsText(counts: GatewayCounts): string {
  const memory = process.memoryUsage();
  const cpu = process.cpuUsage();
  const lines: string[] = [];
  const gauge = (name: string, help: string, value: number): void => {
    const type = name.endsWith('_total') ? 'counter' : 'gauge';
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, `${name} ${value}`);
  };
  gauge('parley_calls', 'Calls that are up or being set up.', counts.calls.calls);
  gauge('parley_call_parts', 'Devices that take part in them.', counts.calls.parts);
  gauge('parley_devices', 'Devices that have said hello and are not gone.', counts.devices.sessions);
  gauge('parley_devices_registered', 'Devices that may be rung.', counts.devices.registered);
  gauge('parley_people', 'Names with at least one device that may be rung.', counts.devices.people);
  gauge('parley_sockets', 'Open sockets.', counts.sockets.sockets);
  gauge('parley_frames_read_total', 'Frames read from devices.', counts.sockets.framesRead);
  gauge(
    'parley_upgrades_refused_total',
    'Sockets refused before they were opened.',
    counts.sockets.upgradesRefused,
  );
  gauge('parley_media_rooms', 'Rooms of the SFU.', counts.media.rooms);
  gauge('parley_media_transports', 'Transports of the SFU.', counts.media.transports);
  gauge('parley_media_producers', 'Tracks that come in.', counts.media.producers);
  gauge('parley_media_consumers', 'Tracks that go out.', counts.media.consumers);
  gauge('parley_media_workers', 'SFU workers alive.', counts.workers.workersAlive);
  gauge('parley_media_worker_restarts_total', 'SFU workers started again.', counts.workers.workerRestarts);
  gauge('parley_recordings', 'Recordings in progress.', counts.recordings.inProgress);
  gauge('parley_recording_taps', 'Streams that are copied to them.', counts.recordings.taps);
  gauge('parley_recording_bytes', 'Bytes of all recordings on the disk.', counts.recordings.bytes);
  gauge('parley_recording_packets_total', 'Packets that were recorded.', counts.recordings.packets);
  gauge(
    'parley_recording_packets_lost_total',
    'Packets that never came to a recording, by the numbers of their senders.',
    counts.recordings.packetsLost,
  );
  gauge('parley_callbacks_pending', 'Callbacks that wait to be taken.', counts.outbox.pending);
  gauge('parley_callbacks_delivered_total', 'Callbacks that were taken.', counts.outbox.delivered);
  gauge(
    'parley_callbacks_failed_attempts_total',
    'Attempts that were not taken.',
    counts.outbox.failedAttempts,
  );
  gauge('parley_callbacks_dead_total', 'Callbacks that were given up.', counts.outbox.dead);
  gauge('process_resident_memory_bytes', 'Resident memory.', memory.rss);
  gauge('process_cpu_seconds_total', 'CPU time, user and system.', (cpu.user + cpu.system) / 1e6);
  return `${lines.join('\n')}\n`;
}
